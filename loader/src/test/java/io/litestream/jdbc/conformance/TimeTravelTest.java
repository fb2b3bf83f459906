package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Going to a time and back, when that is refused, and what SQLite makes of the PRAGMA. */
@ExtendWith(LeakCheck.class)
class TimeTravelTest {

  @TempDir Path temp;
  private SqlitePrimary primary;
  private Connection db;

  @BeforeEach
  void open() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    primary.run("UPDATE t SET n = 2");
    primary.run("UPDATE t SET n = 3");
    db = Sql.open(primary.replica());
  }

  @AfterEach
  void close() throws SQLException {
    db.close();
    primary.close();
  }

  private String value() throws SQLException {
    return Sql.one(db, "SELECT n FROM t");
  }

  /** The PRAGMA that goes to the state of a TXID. */
  private String to(long txid) {
    return "PRAGMA litestream_time='" + primary.time(txid).plusMillis(1) + "'";
  }

  @Test
  @DisplayName("C-47: the boundary is strict")
  void strictBoundary() throws Exception {
    Instant second = primary.time(2);
    Sql.travel(db, second.toString());
    assertThat(value()).isEqualTo("1");
    Sql.travel(db, second.plusMillis(1).toString());
    assertThat(value()).isEqualTo("2");
    assertThat(Instant.parse(Sql.one(db, "PRAGMA litestream_time")))
        .isEqualTo(second.plusMillis(1));
    assertThat(Sql.txid(db)).isEqualTo(2);
    Sql.travel(db, "LATEST");
    assertThat(value()).isEqualTo("3");
    assertThat(Sql.failure(db, "PRAGMA litestream_time='" + primary.time(1) + "'"))
        .contains("no state before", "the first one is of " + primary.time(1));
    assertThat(value()).isEqualTo("3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"20240115", "Jan 2024", "+2 hours", "in 2 hours", "tomorrow", "1", ""})
  @DisplayName("C-47: a time that could mean two things is refused with examples")
  void ambiguousTimes(String time) throws SQLException {
    assertThat(Sql.failure(db, "PRAGMA litestream_time='" + time + "'"))
        .contains("2024-01-15T10:30:00Z", "15 minutes ago");
    assertThat(value()).isEqualTo("3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"now", "1 second ago", "-1s", "PT1S"})
  @DisplayName("C-47: ages count back")
  void ages(String time) throws SQLException {
    Sql.travel(db, time);
    assertThat(value()).isEqualTo("3"); // the primary's clock is an hour behind
    assertThat(Instant.parse(Sql.one(db, "PRAGMA litestream_time")))
        .isBeforeOrEqualTo(Instant.now());
  }

  @Test
  void thePastStandsStill() throws Exception {
    Sql.run(db, to(2));
    try (Connection present = Sql.open(primary.replica())) {
      Sql.await(present, primary.run("UPDATE t SET n = 4"));
    }
    assertThat(value()).isEqualTo("2");
    Sql.run(db, to(1), to(3));
    assertThat(value()).isEqualTo("3");
    Sql.travel(db, "latest");
    assertThat(value()).isEqualTo("4");
  }

  @Test
  void refusedWhileResultSetIsOpen() throws Exception {
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery("SELECT n FROM t UNION ALL SELECT n FROM t")) {
      rows.next();
      assertThat(Sql.failure(db, to(1))).contains("ResultSet");
      rows.next();
      assertThat(rows.getInt(1)).isEqualTo(3);
    }
    Sql.run(db, to(1));
    assertThat(value()).isEqualTo("1");
  }

  @Test
  void refusedInsideReadTransaction() throws Exception {
    Sql.run(db, "BEGIN");
    assertThat(value()).isEqualTo("3");
    assertThat(Sql.failure(db, to(1))).contains("COMMIT");
    assertThat(value()).isEqualTo("3");
    Sql.run(db, "COMMIT", to(1));
    assertThat(value()).isEqualTo("1");
  }

  @Test
  void allowedBeforeTheFirstRead() throws Exception {
    Sql.run(db, "BEGIN", to(1));
    assertThat(value()).isEqualTo("1");
    Sql.run(db, "COMMIT");
  }

  @Test
  void theFunctionIsRefusedWhileReading() throws Exception {
    String call = "SELECT litestream_set_time('" + primary.time(3) + "')";
    Sql.run(db, "BEGIN");
    assertThat(value()).isEqualTo("3");
    assertThat(Sql.failure(db, call)).contains("COMMIT");
    Sql.run(db, "COMMIT");
    assertThat(Sql.failure(db, call + " FROM t")).contains("being read");
    Sql.run(db, call);
    assertThat(value()).isEqualTo("2");
    assertThat(Sql.failure(db, "SELECT litestream_set_time(NULL)")).contains("LATEST");
    Sql.run(db, "SELECT litestream_set_time('latest')");
    assertThat(value()).isEqualTo("3");
  }

  /** That is why a PreparedStatement should use the function. */
  @Test
  void thePragmaActsWhenItIsPrepared() throws Exception {
    try (PreparedStatement never = db.prepareStatement(to(1))) {
      assertThat(never.isClosed()).isFalse();
      assertThat(value()).isEqualTo("1");
    }
    Sql.run(db, "EXPLAIN " + to(2));
    assertThat(value()).isEqualTo("2");
  }

  @Test
  void theFunctionActsEachTimeItIsRun() throws Exception {
    try (PreparedStatement travel = db.prepareStatement("SELECT litestream_set_time(?)")) {
      for (long txid : new long[] {2, 1, 3, 1}) {
        travel.setString(1, primary.time(txid).plusMillis(1).toString());
        travel.executeQuery().close();
        assertThat(value()).isEqualTo(Long.toString(txid));
      }
    }
  }

  @Test
  void settingGivesNoRows() throws SQLException {
    assertThat(Sql.column(db, to(1))).isEmpty();
    assertThat(value()).isEqualTo("1");
    try (Statement statement = db.createStatement()) {
      statement.execute(to(2));
      assertThat(value()).isEqualTo("2");
      statement.executeUpdate(to(3));
      assertThat(value()).isEqualTo("3");
    }
  }

  @Test
  @DisplayName("C-46: the lag counts from the last commit, so it grows while the primary is dead")
  void lagOfADeadPrimary() throws SQLException {
    assertThat(Sql.failure(db, "PRAGMA litestream_lag=1")).contains("read-only");
    long dead = Duration.between(primary.time(3), Instant.now()).toSeconds();
    assertThat(Long.parseLong(Sql.one(db, "PRAGMA litestream_lag"))).isBetween(dead, dead + 60);
    assertThat(Long.parseLong(Sql.one(db, "SELECT litestream_lag()"))).isBetween(dead, dead + 60);
  }
}

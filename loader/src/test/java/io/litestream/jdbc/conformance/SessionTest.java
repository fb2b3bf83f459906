package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.internal.jdbc.LitestreamConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConnection;
import org.sqlite.jdbc4.JDBC4Statement;

/** What one borrower of a pool changes, the next one does not see. */
@ExtendWith(LeakCheck.class)
class SessionTest {

  @TempDir Path temp;
  private SqlitePrimary primary;
  private String past;
  private Connection db;

  @BeforeEach
  void open() throws Exception {
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    long second = primary.run("INSERT INTO t VALUES (2)");
    past = primary.time(second).toString();
    db = connect(false);
  }

  @AfterEach
  void close() throws SQLException {
    db.close();
    primary.close();
  }

  private Connection connect(boolean keep) throws SQLException {
    return LitestreamConnection.open(
        "jdbc:sqlite:file:r?vfs=litestream", replica(), new Properties(), keep);
  }

  private String replica() {
    return Sql.name(primary.replica(), "poll_interval=1h");
  }

  private static String count(Connection connection) throws SQLException {
    return Sql.one(connection, "SELECT count(*) FROM t");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void timesAreForgotten(boolean byFunction) throws SQLException {
    Sql.run(
        db,
        byFunction
            ? "SELECT litestream_set_time('" + past + "')"
            : "PRAGMA litestream_time = '" + past + "'");
    assertThat(count(db)).isEqualTo("1");
    db.clearWarnings();
    assertThat(count(db)).isEqualTo("2");
  }

  @Test
  void timesAreForgottenWithoutAutoCommit() throws SQLException {
    db.setAutoCommit(false);
    Sql.run(db, "PRAGMA litestream_time = '" + past + "'");
    assertThat(count(db)).isEqualTo("1");
    db.rollback();
    db.clearWarnings();
    assertThat(count(db)).isEqualTo("2");
    db.setAutoCommit(true);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void attachedReplicasAreDetached(boolean autoCommit) throws SQLException {
    db.setAutoCommit(autoCommit);
    Sql.run(db, "ATTACH '" + replica() + "' AS past");
    assertThat(Sql.one(db, "SELECT count(*) FROM past.t")).isEqualTo("2");
    db.endRequest();
    assertThat(db.isValid(1)).isTrue();
    assertThat(Sql.failure(db, "SELECT count(*) FROM past.t")).contains("no such table");
    db.setAutoCommit(true);
  }

  @Test
  void transactionsOfPlainSqlAreRolledBack() throws SQLException {
    Sql.run(db, "BEGIN");
    assertThat(count(db)).isEqualTo("2");
    db.clearWarnings();
    Sql.run(db, "BEGIN", "COMMIT");
  }

  @Test
  void sessionsAreKeptWhereAsked() throws SQLException {
    try (Connection kept = connect(true)) {
      Sql.run(kept, "PRAGMA litestream_time = '" + past + "'");
      kept.clearWarnings();
      assertThat(count(kept)).isEqualTo("1");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsStillReadIsEndedAndDoesNotBreakTheConnection(boolean prepared) throws SQLException {
    Sql.run(db, "PRAGMA litestream_time = '" + past + "'", "ATTACH '" + replica() + "' AS past");
    String sql = "SELECT n FROM past.t UNION ALL SELECT n FROM t";
    try (Statement leaked = prepared ? db.prepareStatement(sql) : db.createStatement()) {
      ResultSet rows =
          leaked instanceof PreparedStatement p ? p.executeQuery() : leaked.executeQuery(sql);
      assertThat(rows.next()).isTrue();
      db.clearWarnings();
      assertThatThrownBy(rows::next).hasMessageContaining("ended with the session");
      assertThat(db.isValid(1)).isTrue();
      assertThat(count(db)).isEqualTo("2");
      assertThat(Sql.column(db, "SELECT name FROM pragma_database_list")).doesNotContain("past");
    }
  }

  @Test
  void aTransactionThatReadsThePastEndsWithTheSession() throws SQLException {
    db.setAutoCommit(false);
    Sql.run(db, "PRAGMA litestream_time = '" + past + "'");
    assertThat(count(db)).isEqualTo("1");
    db.clearWarnings();
    assertThat(count(db)).isEqualTo("2");
    db.setAutoCommit(true);
  }

  @Test
  void aTransactionThatReadsThePresentGoesOn() throws Exception {
    db.setAutoCommit(false);
    assertThat(count(db)).isEqualTo("2");
    primary.run("INSERT INTO t VALUES (3)");
    Litestream.refresh(db);
    db.clearWarnings();
    assertThat(count(db)).isEqualTo("2");
    db.rollback();
    assertThat(count(db)).isEqualTo("3");
    db.setAutoCommit(true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"session_time", "session-time", "sessionTime"})
  void aReplicaMayBeAttachedForAllSessions(String parameter) throws SQLException {
    Sql.run(
        db,
        "ATTACH '" + replica() + "&" + parameter + "=keep&time=" + past + "' AS \"it's mine\"",
        "ATTACH '" + replica() + "' AS mine",
        "PRAGMA \"it's mine\".litestream_time = 'LATEST'");
    assertThat(Sql.one(db, "SELECT count(*) FROM \"it's mine\".t")).isEqualTo("2");
    db.clearWarnings();
    assertThat(Sql.one(db, "SELECT count(*) FROM \"it's mine\".t")).isEqualTo("1");
    assertThat(Sql.failure(db, "SELECT count(*) FROM mine.t")).contains("no such table");
    db.clearWarnings();
    assertThat(Sql.one(db, "SELECT count(*) FROM \"it's mine\".t")).isEqualTo("1");
  }

  @Test
  void attachTakesNoOtherValueOfTheParameter() {
    assertThat(Sql.failure(db, "ATTACH '" + replica() + "&session_time=never' AS past"))
        .contains("session_time=never", "reset or keep");
  }

  /** The cursor is one that the connection does not know of. */
  @Test
  void aSessionThatCannotBeResetBreaksTheConnection() throws SQLException {
    Sql.run(db, "ATTACH '" + replica() + "' AS past");
    try (Statement unknown = new JDBC4Statement(db.unwrap(SQLiteConnection.class))) {
      assertThat(unknown.executeQuery("SELECT n FROM past.t").next()).isTrue();
      db.clearWarnings();
      assertThat(db.isValid(1)).isFalse();
      assertThatThrownBy(() -> count(db))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
    }
  }

  @ParameterizedTest
  @CsvSource({"reset, 2", "keep, 1"})
  void theDriverHasAParameterForIt(String sessionTime, String expected) throws SQLException {
    String url = "jdbc:litestream:" + primary.replica() + "?poll_interval=1h&session_time=";
    try (Connection driven = DriverManager.getConnection(url + sessionTime)) {
      Sql.run(driven, "PRAGMA litestream_time = '" + past + "'");
      driven.clearWarnings();
      assertThat(count(driven)).isEqualTo(expected);
    }
  }

  @Test
  void readOnlyIsWhateverIsAskedFor() throws SQLException {
    for (boolean readOnly : new boolean[] {true, false, true}) {
      db.setReadOnly(readOnly);
      assertThat(db.isReadOnly()).isTrue();
      assertThat(count(db)).isEqualTo("2");
    }
  }
}

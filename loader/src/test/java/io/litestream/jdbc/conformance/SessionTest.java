package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.internal.jdbc.LitestreamConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        "jdbc:sqlite:file:r?vfs=litestream",
        Sql.name(primary.replica(), "poll_interval=1h"),
        new Properties(),
        keep);
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
    Sql.run(db, "ATTACH '" + Sql.name(primary.replica(), "poll_interval=1h") + "' AS past");
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

  @Test
  void aSessionThatCannotBeResetBreaksTheConnection() throws SQLException {
    Sql.run(db, "ATTACH '" + Sql.name(primary.replica(), "poll_interval=1h") + "' AS past");
    try (Statement leaked = db.createStatement()) {
      assertThat(leaked.executeQuery("SELECT n FROM past.t").next()).isTrue();
      db.clearWarnings();
      assertThat(db.isValid(1)).isFalse();
      assertThatThrownBy(() -> count(db))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
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

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteException;

/** The errors of docs/errors.md as the driver's users meet them. */
@ExtendWith(LeakCheck.class)
class SqlErrorsTest {

  @TempDir Path temp;
  private SqlitePrimary primary;
  private Connection db;

  @BeforeEach
  void open() throws Exception {
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    db = DriverManager.getConnection(url(primary.replica()));
  }

  @AfterEach
  void close() throws SQLException {
    db.close();
    primary.close();
  }

  private static String url(Path replica) {
    return "jdbc:litestream:file://" + replica + "?poll_interval=1h";
  }

  private <E extends SQLException> E failure(Class<E> type, String state, String sql) {
    E e =
        catchThrowableOfType(
            type,
            () -> {
              try (Statement statement = db.createStatement()) {
                statement.execute(sql);
              }
            });
    assertThat((Throwable) e).as(sql).isNotNull();
    assertThat(e.getSQLState()).as(sql).isEqualTo(state);
    return e;
  }

  @Test
  void writesNameTheReplica() {
    for (String sql : new String[] {"INSERT INTO t VALUES (2)", "CREATE TABLE u(x)", "VACUUM"}) {
      SQLException e = failure(SQLNonTransientException.class, "25006", sql);
      assertThat((Throwable) e).hasMessageContaining("this is a read-only replica");
      assertThat(e.getErrorCode()).isEqualTo(8);
      assertThat((Throwable) e).hasCauseInstanceOf(SQLiteException.class);
    }
  }

  @Test
  void sqlThatIsWrong() {
    assertThat((Throwable) failure(SQLSyntaxErrorException.class, "42000", "SELECT FROM"))
        .hasMessage("near \"FROM\": syntax error");
    assertThat((Throwable) failure(SQLSyntaxErrorException.class, "42000", "SELECT * FROM absent"))
        .hasMessageContaining("no such table: absent");
    assertThat(
            (Throwable)
                catchThrowableOfType(
                    SQLSyntaxErrorException.class, () -> db.prepareStatement("SELECT absent")))
        .hasMessageContaining("no such column: absent");
  }

  @Test
  void constraintsOfTemporaryTables() throws SQLException {
    Sql.run(db, "CREATE TEMP TABLE u(x UNIQUE)", "INSERT INTO u VALUES (1)");
    failure(SQLIntegrityConstraintViolationException.class, "23000", "INSERT INTO u VALUES (1)");
  }

  @Test
  void timesThatAreNone() {
    SQLException e =
        failure(SQLDataException.class, "22023", "PRAGMA litestream_time = 'once upon a time'");
    assertThat((Throwable) e).hasMessageContaining("once upon a time");
    failure(SQLDataException.class, "22023", "PRAGMA litestream_time = '2001-01-01T00:00:00Z'");
  }

  @Test
  void timesInATransactionThatReads() throws SQLException {
    db.setAutoCommit(false);
    assertThat(Sql.one(db, "SELECT n FROM t")).isEqualTo("1");
    failure(SQLNonTransientException.class, "25001", "PRAGMA litestream_time = 'LATEST'");
  }

  @Test
  void placesWithoutReplica() throws Exception {
    Path empty = Files.createDirectory(temp.resolve("empty"));
    SQLException e =
        catchThrowableOfType(
            SQLNonTransientConnectionException.class,
            () -> DriverManager.getConnection(url(empty) + "&open_timeout=1ms").close());
    assertThat(e.getSQLState()).isEqualTo("08001");
    assertThat((Throwable) e).hasMessageStartingWith("no replica at");
    assertThat(e.getErrorCode()).isEqualTo(14);
  }

  @Test
  void attachOfNothingSaysWhyAndHidesSecrets() {
    String uri = Sql.name(temp.resolve("missing"), "open_timeout=1ms", "secret_access_key=CANARY");
    SQLException e = failure(SQLDataException.class, "22023", "ATTACH '" + uri + "' AS x");
    for (Throwable t = e; t != null; t = t.getCause()) {
      assertThat(String.valueOf(t.getMessage())).doesNotContain("CANARY");
      for (Throwable suppressed : t.getSuppressed()) {
        assertThat(String.valueOf(suppressed.getMessage())).doesNotContain("CANARY");
      }
    }
  }

  @Test
  void batches() throws SQLException {
    try (Statement statement = db.createStatement()) {
      statement.addBatch("INSERT INTO t VALUES (2)");
      BatchUpdateException e =
          catchThrowableOfType(BatchUpdateException.class, statement::executeBatch);
      assertThat(e.getSQLState()).isEqualTo("25006");
      assertThat((Throwable) e).hasMessageContaining("batch entry 0: this is a read-only replica");
      assertThat(e.getUpdateCounts()).hasSize(1);
    }
  }

  @Test
  void closedConnections() throws SQLException {
    db.close();
    SQLException e = catchThrowableOfType(SQLException.class, db::createStatement);
    assertThat((Throwable) e).isInstanceOf(SQLNonTransientConnectionException.class);
    assertThat(e.getSQLState()).isEqualTo("08003");
    assertThat(db.isValid(1)).isFalse();
  }
}

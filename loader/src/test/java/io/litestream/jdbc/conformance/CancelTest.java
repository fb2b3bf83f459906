package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What runs can be stopped from elsewhere while SQLite computes; S3CancelTest: while it waits. */
@ExtendWith(LeakCheck.class)
class CancelTest {

  private static final String ENDLESS =
      "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT max(n) FROM s";

  /** Generous, for busy machines. */
  private static final long LIMIT_SECONDS = 10;

  @TempDir Path temp;
  private SqlitePrimary primary;
  private Connection db;

  @BeforeEach
  void open() throws Exception {
    primary = new SqlitePrimary(temp, 1024);
    primary.run(
        "CREATE TABLE t(n INTEGER, x BLOB)",
        "INSERT INTO t SELECT n, randomblob(900) FROM (" + Sql.numbers(1, 3000).trim() + ")");
    db = DriverManager.getConnection(ErrorScene.url(primary.replica(), "poll_interval=1h"));
  }

  @AfterEach
  void close() throws SQLException {
    db.close();
    primary.close();
  }

  /** What a statement fails with on a thread of its own. */
  private static SQLException failure(FutureTask<Boolean> task) throws Exception {
    try {
      task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException stopped) {
        return stopped;
      }
      throw e;
    }
    throw new AssertionError("the statement was not stopped");
  }

  private static SQLException stopped(Statement statement, Action action) throws Exception {
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              try (ResultSet rows = statement.executeQuery(ENDLESS)) {
                return rows.next();
              }
            });
    Thread thread = Thread.ofPlatform().start(task);
    Thread.sleep(100);
    assertThat(task.isDone()).isFalse();
    action.run(thread);
    return failure(task);
  }

  private interface Action {
    void run(Thread thread) throws Exception;
  }

  private void assertWorks() throws SQLException {
    assertThat(Sql.one(db, "SELECT count(*) FROM t")).isEqualTo("3000");
  }

  @Test
  void cancel() throws Exception {
    try (Statement statement = db.createStatement()) {
      SQLException e = stopped(statement, thread -> statement.cancel());
      assertThat(e.getSQLState()).isEqualTo("57014");
      assertThat((Throwable) e).hasMessageContaining("Statement.cancel()");
    }
    assertWorks();
  }

  @Test
  void interruptOfTheThread() throws Exception {
    try (Statement statement = db.createStatement()) {
      SQLException e = stopped(statement, Thread::interrupt);
      assertThat(e.getSQLState()).isEqualTo("57014");
      assertThat((Throwable) e).hasMessageContaining("interrupted");
    }
    assertWorks();
  }

  @Test
  void closeOfTheConnection() throws Exception {
    Statement statement = db.createStatement();
    SQLException e = stopped(statement, thread -> db.close());
    assertThat((Throwable) e).isInstanceOf(SQLNonTransientConnectionException.class);
    assertThat(e.getSQLState()).isEqualTo("08003");
    assertThat(db.isClosed()).isTrue();
  }

  @Test
  void abort() throws Exception {
    Statement statement = db.createStatement();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    SQLException e =
        stopped(
            statement,
            thread ->
                db.abort(
                    task ->
                        Thread.ofPlatform()
                            .start(
                                () -> {
                                  task.run();
                                  ended.complete(null);
                                })));
    assertThat(e.getSQLState()).isEqualTo("08003");
    assertThat(db.isClosed()).isTrue();
    ended.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void queryTimeout() throws Exception {
    try (Statement statement = db.createStatement()) {
      statement.setQueryTimeout(1);
      SQLException e = stopped(statement, t -> {});
      assertThat((Throwable) e).isInstanceOf(SQLTimeoutException.class).hasMessageContaining("1 s");
      assertThat(e.getSQLState()).isEqualTo("HYT00");
    }
    assertWorks();
  }

  @Test
  void queryTimeoutCountsTheTimeBetweenRowsInSqliteOnly() throws Exception {
    try (Statement statement = db.createStatement()) {
      statement.setQueryTimeout(1);
      try (ResultSet rows = statement.executeQuery("SELECT n FROM t")) {
        assertThat(rows.next()).isTrue();
        Thread.sleep(1200);
        assertThat(rows.next()).isTrue();
      }
    }
  }

  @Test
  void cancelOfAnIdleStatementStopsNoOther() throws Exception {
    try (Statement idle = db.createStatement();
        Statement other = db.createStatement();
        ResultSet rows = other.executeQuery("SELECT n FROM t")) {
      idle.cancel();
      int count = 0;
      while (rows.next()) {
        count++;
      }
      assertThat(count).isEqualTo(3000);
    }
  }

  @Test
  void plainConnectionsCanCancel() throws Exception {
    try (Connection plain = Sql.open(primary.replica());
        Statement statement = plain.createStatement()) {
      Litestream.load(plain);
      SQLException e = stopped(statement, t -> statement.cancel());
      assertThat((Throwable) e).hasMessageContaining("INTERRUPT");
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.internal.jdbc.LitestreamConnection;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.Request;
import io.litestream.testkit.server.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.s3.S3Client;

/** What runs can be stopped from elsewhere, while SQLite computes and while the store stalls. */
@ExtendWith({LeakCheck.class, S3.class})
class CancelTest {

  private static final String ENDLESS =
      "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT max(n) FROM s";

  /** Generous, for busy machines; the measured times are printed. */
  private static final long LIMIT_SECONDS = 10;

  /** Where a statement can hang. */
  enum Hang {
    COMPUTING,
    STALLED_STORE
  }

  @TempDir Path temp;
  private SqlitePrimary primary;
  private FaultProxy proxy;
  private Connection db;
  private volatile boolean stalled;

  @BeforeEach
  void open() throws Exception {
    primary = new SqlitePrimary(temp, 1024);
    primary.run(
        "CREATE TABLE t(n INTEGER, x BLOB)",
        "INSERT INTO t SELECT n, randomblob(900) FROM (" + Sql.numbers(1, 3000).trim() + ")");
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "r", primary);
    }
    proxy = FaultProxy.before(S3.server().endpoint());
    proxy.faults(
        request ->
            stalled && request.kind() == Request.Kind.GET
                ? new Fault.Delay(Duration.ofSeconds(3))
                : Fault.NONE);
    String url = S3.server().replicaUrl(proxy.endpoint(), bucket, "r");
    db =
        LitestreamConnection.open(
            "jdbc:sqlite:file:r?vfs=litestream",
            Sql.name(url, "poll_interval=1h"),
            new Properties(),
            false);
  }

  @AfterEach
  void close() throws SQLException {
    stalled = false;
    db.close();
    proxy.close();
    primary.close();
  }

  private String query(Hang hang) {
    stalled = hang == Hang.STALLED_STORE;
    return stalled ? "SELECT sum(length(x)) FROM t" : ENDLESS;
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

  private SQLException stopped(Hang hang, String how, Statement statement, Action action)
      throws Exception {
    String sql = query(hang);
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              try (ResultSet rows = statement.executeQuery(sql)) {
                return rows.next();
              }
            });
    Thread thread = Thread.ofPlatform().start(task);
    Thread.sleep(300);
    assertThat(task.isDone()).isFalse();
    long start = System.nanoTime();
    action.run(thread);
    SQLException e = failure(task);
    System.out.println(
        how + ", " + hang + ": " + (System.nanoTime() - start) / 1_000_000 + " ms until it threw");
    return e;
  }

  private interface Action {
    void run(Thread thread) throws Exception;
  }

  private void assertWorks() throws SQLException {
    stalled = false;
    assertThat(Sql.one(db, "SELECT count(*) FROM t")).isEqualTo("3000");
  }

  @ParameterizedTest
  @EnumSource
  void cancel(Hang hang) throws Exception {
    try (Statement statement = db.createStatement()) {
      SQLException e = stopped(hang, "cancel", statement, thread -> statement.cancel());
      assertThat(e.getSQLState()).isEqualTo("57014");
      assertThat((Throwable) e).hasMessageContaining("Statement.cancel()");
    }
    assertWorks();
  }

  @ParameterizedTest
  @EnumSource
  void interruptOfTheThread(Hang hang) throws Exception {
    try (Statement statement = db.createStatement()) {
      SQLException e = stopped(hang, "Thread.interrupt", statement, Thread::interrupt);
      assertThat(e.getSQLState()).isEqualTo("57014");
      assertThat((Throwable) e).hasMessageContaining("interrupted");
    }
    assertWorks();
  }

  @ParameterizedTest
  @EnumSource
  void closeOfTheConnection(Hang hang) throws Exception {
    Statement statement = db.createStatement();
    SQLException e = stopped(hang, "close", statement, thread -> db.close());
    assertThat((Throwable) e).isInstanceOf(SQLNonTransientConnectionException.class);
    assertThat(e.getSQLState()).isEqualTo("08003");
    assertThat(db.isClosed()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void abort(Hang hang) throws Exception {
    Statement statement = db.createStatement();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    SQLException e =
        stopped(
            hang,
            "abort",
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

  @ParameterizedTest
  @EnumSource
  void queryTimeout(Hang hang) throws Exception {
    try (Statement statement = db.createStatement()) {
      statement.setQueryTimeout(1);
      SQLException e = stopped(hang, "query timeout of 1 s, after 300 ms", statement, t -> {});
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
      SQLException e = stopped(Hang.COMPUTING, "plain cancel", statement, t -> statement.cancel());
      assertThat((Throwable) e).hasMessageContaining("INTERRUPT");
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.Request;
import io.litestream.testkit.server.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** Connections that are closed, cancelled and interrupted by other threads. */
@ExtendWith({LeakCheck.class, S3.class})
class ThreadsTest {

  private static final String SUM = "SELECT sum(length(v)) FROM t";

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, hex(randomblob(900)) FROM (" + Sql.numbers(1, 700) + ")");
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  @Test
  void closedWhileAnotherThreadReads() throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool();
        Connection stays = Sql.open(primary.replica())) {
      for (int round = 0; round < 20; round++) {
        Connection db = Sql.open(primary.replica());
        CountDownLatch reading = new CountDownLatch(1);
        Future<?> reader =
            threads.submit(
                () -> {
                  while (true) {
                    Sql.one(db, SUM);
                    reading.countDown();
                  }
                });
        assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();
        db.close();
        assertThatThrownBy(() -> reader.get(30, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(SQLException.class);
        assertThat(Sql.one(stays, SUM)).isEqualTo("1260000");
      }
    }
  }

  @Test
  void manyConnectionsAtOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        readers.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < 10; n++) {
                    try (Connection db = Sql.open(primary.replica())) {
                      assertThat(Sql.one(db, SUM)).isEqualTo("1260000");
                    }
                  }
                  return null;
                }));
      }
      for (int i = 0; i < 20; i++) {
        primary.run("UPDATE t SET v = hex(randomblob(900)) WHERE k % 20 = " + i);
      }
      for (Future<?> reader : readers) {
        reader.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private String upload(FaultProxy proxy) throws IOException {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "app", primary);
    }
    return S3.server().replicaUrl(proxy.endpoint(), bucket, "app");
  }

  /** A statement whose read of the store hangs; it must end when it is told to. */
  private void assertEnds(Ending ending) throws Exception {
    try (SmallCache small = new SmallCache();
        FaultProxy proxy = FaultProxy.before(S3.server().endpoint());
        Connection db = Sql.open(upload(proxy), small.parameter(), FixturesTest.NO_POLLS);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Statement statement = db.createStatement()) {
      CountDownLatch hanging = new CountDownLatch(1);
      CompletableFuture<Void> answers = new CompletableFuture<>();
      answers.completeOnTimeout(null, 25, TimeUnit.SECONDS);
      proxy.faults(
          request -> {
            if (request.kind() == Request.Kind.GET) {
              hanging.countDown();
              answers.join();
            }
            return Fault.NONE;
          });
      Future<?> reader =
          thread.submit(
              () -> {
                statement.executeQuery(SUM).close();
                return null;
              });
      assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
      ending.end(statement, reader);
      answers.complete(null);
      assertThat(Sql.one(db, SUM)).isEqualTo("1260000");
    }
  }

  /** Ends a statement of another thread, and checks how it ended. */
  private interface Ending {
    void end(Statement statement, Future<?> reader) throws Exception;
  }

  @Test
  void cancelledWhileTheStoreHangs() throws Exception {
    assertEnds(
        (statement, reader) -> {
          statement.cancel();
          assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
              .hasCauseInstanceOf(SQLException.class)
              .hasMessageContaining("INTERRUPT");
        });
  }

  @Test
  void interruptedWhileTheStoreHangs() throws Exception {
    assertEnds(
        (statement, reader) -> {
          reader.cancel(true);
          Await.until(Duration.ofSeconds(10), () -> statement.getConnection().isValid(1));
        });
  }
}

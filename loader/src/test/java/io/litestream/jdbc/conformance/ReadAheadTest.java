package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.Request;
import io.litestream.testkit.server.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What scans of a cold replica ask of its store, and that they see the right rows whatever it does.
 */
@ExtendWith({LeakCheck.class, S3.class})
class ReadAheadTest {

  private static final int ROWS = 9_000;

  private static final String NO_STREAMING = "hydration_enabled=false";

  /** What a miss brings. */
  private static final int WINDOW = 131_072;

  private static final String SCAN = "SELECT count(*), sum(k), sum(length(v)) FROM t";

  @TempDir Path temp;
  private SqlitePrimary primary;
  private long bytes;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, randomblob(900) FROM (" + Sql.numbers(1, ROWS) + ")");
    primary.snapshot();
    for (Path file : primary.files()) {
      bytes = Math.max(bytes, file.toFile().length());
    }
    assertThat(bytes).isGreaterThan(8_000_000);
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  private static void forgetPages() {
    long limit = NativeCore.stats().cacheLimit();
    NativeCore.cacheLimit(0);
    NativeCore.cacheLimit(limit);
  }

  private static void assertScan(Connection db) throws SQLException {
    try (Statement statement = db.createStatement();
        ResultSet row = statement.executeQuery(SCAN)) {
      assertThat(row.next()).isTrue();
      assertThat(row.getInt(1)).isEqualTo(ROWS);
      assertThat(row.getLong(2)).isEqualTo((long) ROWS * (ROWS + 1) / 2);
      assertThat(row.getLong(3)).isEqualTo(900L * ROWS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ASC", "DESC"})
  void aScanTakesFewRequestsAndFewBytesTwice(String order) throws Exception {
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NO_STREAMING)) {
      forgetPages();
      StoreRequests before = Litestream.storeRequests();
      try (Statement statement = db.createStatement();
          ResultSet rows = statement.executeQuery("SELECT k, v FROM t ORDER BY k " + order)) {
        for (int i = 1; i <= ROWS; i++) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getInt(1)).isEqualTo(order.equals("ASC") ? i : ROWS + 1 - i);
          assertThat(rows.getBytes(2)).hasSize(900);
        }
      }
      StoreRequests cost = Litestream.storeRequests().since(before);
      assertThat(cost.reads()).isLessThanOrEqualTo(30);
      assertThat(cost.bytes()).isLessThan(bytes + 4 * WINDOW);
      before = Litestream.storeRequests();
      assertScan(db);
      assertThat(Litestream.storeRequests().since(before).requests()).isZero();
    }
  }

  @Test
  void lookupsBringNoMoreThanTheirWindows() throws Exception {
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NO_STREAMING)) {
      forgetPages();
      StoreRequests before = Litestream.storeRequests();
      for (int i = 0; i < 10; i++) {
        assertThat(Sql.one(db, "SELECT length(v) FROM t WHERE k=" + (i * 877 + 400)))
            .isEqualTo("900");
      }
      StoreRequests cost = Litestream.storeRequests().since(before);
      assertThat(cost.reads()).isLessThanOrEqualTo(14);
      assertThat(cost.bytes()).isLessThan(14 * WINDOW);
    }
  }

  @Test
  void connectionsThatScanTogetherShareTheirRequests() throws Exception {
    int connections = 4;
    List<Connection> open = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      for (int i = 0; i < connections; i++) {
        open.add(Sql.open(primary.replica(), FixturesTest.NO_POLLS, NO_STREAMING));
      }
      forgetPages();
      StoreRequests before = Litestream.storeRequests();
      CyclicBarrier barrier = new CyclicBarrier(connections);
      List<Future<?>> scans = new ArrayList<>();
      for (Connection db : open) {
        scans.add(
            threads.submit(
                () -> {
                  barrier.await();
                  assertScan(db);
                  return null;
                }));
      }
      for (Future<?> scan : scans) {
        scan.get();
      }
      assertThat(Litestream.storeRequests().since(before).bytes())
          .as("bytes, of which scans that share nothing read four times the file's")
          .isLessThan(2 * bytes);
    } finally {
      for (Connection db : open) {
        db.close();
      }
    }
  }

  @Test
  void aCacheSmallerThanWhatIsAheadIsEnough() throws Exception {
    try (SmallCache small = new SmallCache();
        Connection db =
            Sql.open(primary.replica(), FixturesTest.NO_POLLS, NO_STREAMING, small.parameter())) {
      assertScan(db);
      assertScan(db);
    }
  }

  @Test
  void whatFailsAheadIsReadAgain() throws Exception {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "app", primary);
    }
    try (FaultProxy proxy = FaultProxy.before(S3.server().endpoint())) {
      String url = S3.server().replicaUrl(proxy.endpoint(), bucket, "app");
      try (Connection db = Sql.open(url, FixturesTest.NO_POLLS, NO_STREAMING)) {
        AtomicInteger gets = new AtomicInteger();
        proxy.faults(
            request ->
                request.kind() != Request.Kind.GET
                    ? Fault.NONE
                    : switch (gets.incrementAndGet() % 4) {
                      case 1 -> new Fault.Delay(Duration.ofMillis(30));
                      case 2 -> Fault.SLOW_DOWN;
                      default -> Fault.NONE;
                    });
        forgetPages();
        assertScan(db);
      }
    }
  }

  @Test
  void aConnectionThatIsClosedInAScanLeavesNothing() throws Exception {
    for (int i = 0; i < 10; i++) {
      try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NO_STREAMING);
          Statement statement = db.createStatement()) {
        forgetPages();
        try (ResultSet rows = statement.executeQuery("SELECT v FROM t")) {
          for (int row = 0; row < 700 * (i + 1); row++) {
            assertThat(rows.next()).isTrue();
          }
        }
      }
    }
  }
}

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
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** Databases that come into the page cache in the background. */
@ExtendWith({LeakCheck.class, S3.class})
class StreamingTest {

  private static final int ROWS = 9_000;

  /** A file of about 8.3 MB in ranges of 4 MiB. */
  private static final int RANGES = 3;

  private static final String NOW = "hydration_enabled=true";
  private static final String NEVER = "hydration_enabled=false";

  private static final Duration STALL = Duration.ofSeconds(5);

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, randomblob(900) FROM (" + Sql.numbers(1, ROWS) + ")");
    primary.snapshot();
    forgetPages();
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

  private static void lookUp(Connection db, int i) throws SQLException {
    assertThat(Sql.one(db, "SELECT length(v) FROM t WHERE k=" + (1 + (i * 877) % ROWS)))
        .isEqualTo("900");
  }

  private static void awaitPages() {
    Await.until(() -> assertThat(NativeCore.stats().cacheBytes()).isGreaterThan(ROWS * 900L));
  }

  @Test
  void aDatabaseComesInFewRequestsAndThenCostsNone() throws Exception {
    StoreRequests before = Litestream.storeRequests();
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NOW)) {
      awaitPages();
      lookUp(db, 1);
      long opening = 5;
      assertThat(Litestream.storeRequests().since(before).reads())
          .isLessThanOrEqualTo(opening + RANGES);
      before = Litestream.storeRequests();
      for (int i = 0; i < 100; i++) {
        lookUp(db, i);
      }
      assertThat(Litestream.storeRequests().since(before).requests()).isZero();
    }
  }

  @Test
  void itBeginsWhenReadsHaveMissedEnough() throws Exception {
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS)) {
      forgetPages();
      lookUp(db, 1);
      StoreRequests before = Litestream.storeRequests();
      for (int i = 0; i < 100; i++) {
        lookUp(db, i);
      }
      awaitPages();
      assertThat(Litestream.storeRequests().since(before).reads()).isLessThanOrEqualTo(40);
    }
  }

  @Test
  void itNeverBeginsWhereItIsOff() throws Exception {
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NEVER)) {
      forgetPages();
      StoreRequests before = Litestream.storeRequests();
      for (int i = 0; i < 30; i++) {
        lookUp(db, i);
      }
      assertThat(Litestream.storeRequests().since(before).bytes()).isLessThan(32 * 131_072L);
    }
  }

  @Test
  void whatDoesNotFitIsNotStreamed() throws Exception {
    try (SmallCache small = new SmallCache();
        Connection db =
            Sql.open(primary.replica(), FixturesTest.NO_POLLS, NOW, small.parameter())) {
      StoreRequests before = Litestream.storeRequests();
      lookUp(db, 1);
      lookUp(db, 2);
      assertThat(Litestream.storeRequests().since(before).bytes()).isLessThan(1_000_000);
    }
  }

  private static long length(Request request) {
    String[] range = request.header("range").replace("bytes=", "").split("-", 2);
    return range.length == 2 && !range[0].isEmpty()
        ? Long.parseLong(range[1]) - Long.parseLong(range[0]) + 1
        : 0;
  }

  /** The ranges in the background stall; a reader's own requests do not. */
  @Test
  void aReaderDoesNotWaitForIt() throws Exception {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "app", primary);
    }
    try (FaultProxy proxy = FaultProxy.before(S3.server().endpoint())) {
      AtomicInteger stalled = new AtomicInteger();
      proxy.faults(
          request -> {
            boolean large = request.kind() == Request.Kind.GET && length(request) > 1 << 20;
            if (large) {
              stalled.incrementAndGet();
            }
            return large ? new Fault.Delay(STALL) : Fault.NONE;
          });
      String url = S3.server().replicaUrl(proxy.endpoint(), bucket, "app");
      try (Connection db = Sql.open(url, FixturesTest.NO_POLLS, NOW)) {
        Await.until(() -> assertThat(stalled).hasPositiveValue());
        long begin = System.nanoTime();
        for (int i = 0; i < 10; i++) {
          lookUp(db, i);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(STALL);
      }
    }
  }
}

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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

  /** Enough misses to begin. */
  private static final int LOOKUPS = 20;

  /** Windows with inner pages. */
  private static final int INNER = 2;

  private static final String NOW = "hydration_enabled=true";
  private static final String NEVER = "hydration_enabled=false";

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

  @Test
  void aDatabaseComesInFewRequestsAndThenCostsNone() throws Exception {
    StoreRequests before = Litestream.storeRequests();
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NOW)) {
      Sql.awaitPages(db);
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

  private static void assertProgress(Connection db, String expected) throws SQLException {
    assertThat(Sql.one(db, "PRAGMA litestream_hydration_progress")).isEqualTo(expected);
    assertThat(Sql.one(db, "SELECT litestream_hydration_progress()")).isEqualTo(expected);
    assertThat(Sql.one(db, "PRAGMA litestream_hydration_file")).isEmpty();
    assertThat(Sql.one(db, "SELECT litestream_hydration_file()")).isEmpty();
  }

  private static double progress(Connection db, String schema) throws SQLException {
    String tenths = Sql.one(db, "PRAGMA " + schema + ".litestream_hydration_progress");
    assertThat(Sql.one(db, "SELECT litestream_hydration_progress('" + schema + "')"))
        .isEqualTo(tenths);
    assertThat(tenths).matches("[0-9]{1,3}[.][0-9]");
    return Double.parseDouble(tenths);
  }

  @Test
  void itsProgressIsThatOfTheNewestState() throws Exception {
    try (Connection db = Sql.open(primary.replica(), NOW)) {
      Await.until(() -> assertProgress(db, "100.0"));
      Sql.await(db, primary.run("UPDATE t SET v = randomblob(900) WHERE k < 5"));
      assertProgress(db, "100.0");
      Sql.travel(db, primary.time(primary.txid()).toString());
      assertThat(Sql.txid(db)).isLessThan(primary.txid());
      assertProgress(db, "100.0");
      forgetPages();
      assertThat(Sql.one(db, "PRAGMA litestream_hydration_progress")).isEqualTo("0.0");
    }
  }

  @Test
  void itsProgressIsThatOfEachSchema() throws Exception {
    try (SqlitePrimary small = new SqlitePrimary(temp.resolve("small"), 4096)) {
      small.run("CREATE TABLE s(a)");
      try (Connection db = Sql.open(small.replica(), FixturesTest.NO_POLLS, NOW)) {
        Await.until(() -> assertProgress(db, "100.0"));
        String attached = Sql.name(primary.replica(), FixturesTest.NO_POLLS);
        Sql.run(db, "ATTACH '" + attached + "' AS large");
        forgetPages();
        Sql.one(db, "SELECT count(*) FROM s");
        lookUp(db, 1);
        assertThat(progress(db, "main")).isPositive();
        assertThat(progress(db, "large")).isBetween(0.1, 50.0);
      }
    }
  }

  @Test
  void withoutItThereIsNoProgress() throws Exception {
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NEVER)) {
      lookUp(db, 1);
      assertProgress(db, "0");
      assertThat(Sql.failure(db, "PRAGMA litestream_hydration_progress = 1"))
          .contains("litestream_hydration_progress");
    }
  }

  /** Of the window around a row, which comes with it, one page is read. */
  @Test
  void whatCameAheadInVainIsCounted() throws Exception {
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS, NEVER)) {
      forgetPages();
      long before = NativeCore.stats().wastedBytes();
      StoreRequests requests = Litestream.storeRequests();
      for (int i = 0; i < 10; i++) {
        lookUp(db, i);
      }
      forgetPages();
      long received = Litestream.storeRequests().since(requests).bytes();
      long wasted = NativeCore.stats().wastedBytes() - before;
      assertThat(wasted).isBetween(received / 2, received);
      assertThat(Litestream.stats().cache().wastedBytes()).isEqualTo(before + wasted);
      assertThat(Sql.one(db, "PRAGMA litestream_stats"))
          .contains("\"wasted_bytes\":" + (before + wasted));
    }
  }

  @Test
  void itBeginsWhenReadsHaveMissedEnough() throws Exception {
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS)) {
      forgetPages();
      StoreRequests before = Litestream.storeRequests();
      for (int i = 0; i < LOOKUPS; i++) {
        lookUp(db, i);
      }
      Sql.awaitPages(db);
      assertThat(Litestream.storeRequests().since(before).reads())
          .isLessThanOrEqualTo(INNER + LOOKUPS + RANGES);
      before = Litestream.storeRequests();
      for (int i = LOOKUPS; i < 100; i++) {
        lookUp(db, i);
      }
      assertThat(Litestream.storeRequests().since(before).requests()).isZero();
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

  /** The ranges in the background stall until all is over; a reader's own requests do not. */
  @Test
  void aReaderDoesNotWaitForIt() throws Exception {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "app", primary);
    }
    CountDownLatch stalled = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (FaultProxy proxy = FaultProxy.before(S3.server().endpoint())) {
      proxy.faults(
          request -> {
            if (request.kind() == Request.Kind.GET && length(request) > 1 << 20) {
              stalled.countDown();
              awaitQuietly(release);
            }
            return Fault.NONE;
          });
      String url = S3.server().replicaUrl(proxy.endpoint(), bucket, "app");
      try (Connection db = Sql.open(url, FixturesTest.NO_POLLS, NOW)) {
        assertThat(stalled.await(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 10; i++) {
          lookUp(db, i);
        }
      } finally {
        release.countDown();
      }
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

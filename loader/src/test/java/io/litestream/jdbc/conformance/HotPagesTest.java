package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** Pages in the cache cost no request, whatever the primary does to the files that they are in. */
@ExtendWith({LeakCheck.class, S3.class})
class HotPagesTest {

  private static final int ROWS = 3_000;
  private static final int COMMITS = 12;

  private static final String NEVER_STREAMED = "hydration_enabled=false";

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, randomblob(900) FROM (" + Sql.numbers(1, ROWS) + ")");
    primary.snapshot();
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  /** Small, so that its file is fetched whole; all of them together are not. */
  private long commit(int which) throws IOException, SQLException {
    return primary.run("UPDATE t SET v = randomblob(900) WHERE k / 50 % 20 = " + which);
  }

  private void assertReadsWithoutARequest(Connection db) throws IOException, SQLException {
    long before = NativeCore.stats().fetches();
    assertThat(Sql.digest(db)).isEqualTo(primary.digest(primary.txid()));
    assertThat(NativeCore.stats().fetches())
        .as("requests that readers waited for")
        .isEqualTo(before);
  }

  private Connection openAndReadAll() throws IOException, SQLException {
    Connection db = Sql.open(primary.replica());
    assertThat(Sql.digest(db)).isEqualTo(primary.digest(primary.txid()));
    return db;
  }

  @Test
  @DisplayName("after commits, after the compactions of them, and after a snapshot")
  void hotPagesStayHot() throws Exception {
    try (Connection db = openAndReadAll()) {
      long first = primary.txid() + 1;
      for (int i = 0; i < COMMITS; i++) {
        Sql.await(db, commit(i));
        assertReadsWithoutARequest(db);
      }
      LtxKey compacted = primary.compact(1, first, primary.txid());
      assertThat(primary.path(compacted).toFile().length()).isGreaterThan(256 * 1024);
      FollowTest.awaitListings(db);
      assertReadsWithoutARequest(db);
      primary.retain(0, primary.txid() - 1);
      primary.compact(2, first, primary.txid());
      FollowTest.awaitListings(db);
      assertReadsWithoutARequest(db);
      primary.snapshot();
      FollowTest.awaitListings(db);
      assertReadsWithoutARequest(db);
    }
  }

  /** Too large to be fetched whole. */
  private long largeCommit(int from) throws IOException, SQLException {
    long txid = primary.run("UPDATE t SET v = randomblob(900) WHERE k > " + from);
    assertThat(primary.path(new LtxKey(0, txid, txid)).toFile().length()).isGreaterThan(256 * 1024);
    return txid;
  }

  @Test
  @DisplayName("after a commit of which only the ends came")
  void hotPagesOfALargeCommitComeBeforeIt() throws Exception {
    try (Connection db = Sql.open(primary.replica(), NEVER_STREAMED)) {
      assertThat(Sql.digest(db)).isEqualTo(primary.digest(primary.txid()));
      Sql.await(db, largeCommit(ROWS / 2));
      assertReadsWithoutARequest(db);
      primary.maintain("DELETE FROM t WHERE k % 3 = 0", "VACUUM");
      Sql.await(db, primary.txid());
      assertReadsWithoutARequest(db);
    }
  }

  @Test
  @DisplayName("or are fetched by their readers, where they cannot be fetched before")
  void aLargeCommitIsPublishedWithoutItsHotPages() throws Exception {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client();
        FaultProxy proxy = FaultProxy.before(S3.server().endpoint())) {
      S3.mirror(s3, bucket, "app", primary);
      String url = S3.server().replicaUrl(proxy.endpoint(), bucket, "app");
      try (Connection db = Sql.open(url, NEVER_STREAMED)) {
        assertThat(Sql.digest(db)).isEqualTo(primary.digest(primary.txid()));
        AtomicInteger refused = new AtomicInteger();
        long txid = largeCommit(0);
        long end = primary.path(new LtxKey(0, txid, txid)).toFile().length() - 1;
        proxy.faults(
            request -> {
              String range = request.header("range");
              if (range.isEmpty() || range.startsWith("bytes=0-") || range.endsWith("-" + end)) {
                return Fault.NONE; // all of an object, or one of its ends
              }
              refused.incrementAndGet();
              return new Fault.Status(403, "AccessDenied");
            });
        S3.upload(s3, bucket, "app", primary);
        Sql.await(db, txid);
        assertThat(refused).hasPositiveValue();
        proxy.faults(request -> Fault.NONE);
        assertThat(Sql.digest(db)).isEqualTo(primary.digest(txid));
      }
    }
  }

  @Test
  @DisplayName("for a transaction that goes on after its files were compacted and deleted")
  void anOpenTransactionKeepsItsPages() throws Exception {
    try (Connection db = openAndReadAll();
        Connection other = Sql.open(primary.replica())) {
      long first = primary.txid() + 1;
      commit(1);
      Sql.await(db, commit(2));
      assertReadsWithoutARequest(db);
      Sql.run(db, "BEGIN", "SELECT count(*) FROM t");
      primary.compact(1, first, primary.txid());
      primary.snapshot();
      FollowTest.awaitListings(other);
      primary.retain(0, primary.txid());
      primary.retain(1, primary.txid());
      assertReadsWithoutARequest(db);
      assertReadsWithoutARequest(other);
      Sql.run(db, "COMMIT");
      assertReadsWithoutARequest(db);
    }
  }
}

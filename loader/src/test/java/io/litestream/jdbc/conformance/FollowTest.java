package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.testkit.fixture.RowDigest;
import io.litestream.testkit.ltx.LtxKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Connections beside a primary that writes, compacts, shrinks and forgets. */
@ExtendWith(LeakCheck.class)
class FollowTest {

  /** Two rounds of listings: the first may have been under way. */
  private static final int ROUNDS = 2;

  /** A listing round looks at each level. */
  private static final int LEVELS = 10;

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 1024);
    primary.maintain("PRAGMA auto_vacuum=INCREMENTAL", "CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, hex(zeroblob(200)) FROM (" + Sql.numbers(1, 50) + ")");
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  /** What a connection must show now: this TXID's rows, in a sound database. */
  private void assertShows(Connection db, long txid) throws IOException, SQLException {
    assertThat(Sql.txid(db)).isEqualTo(txid);
    assertThat(Sql.digest(db)).as("TXID %d", txid).isEqualTo(primary.digest(txid));
    assertThat(RowDigest.integrity(db)).isEqualTo("ok");
  }

  /** The same of a connection under another path, which shares nothing with the others. */
  private void assertOpensAt(long txid) throws IOException, SQLException {
    Path elsewhere = Files.createSymbolicLink(temp.resolve("at-" + txid), primary.replica());
    try (Connection fresh = Sql.open(elsewhere)) {
      assertShows(fresh, txid);
    }
  }

  /** Waits until the follower has listed all levels of the replica since now. */
  static void awaitListings(Connection db) {
    long before = Litestream.storeRequests().lists();
    Await.until(
        () -> {
          Sql.column(db, "SELECT 1 FROM t LIMIT 1");
          assertThat(Litestream.storeRequests().lists() - before)
              .isGreaterThanOrEqualTo((long) ROUNDS * LEVELS);
        });
  }

  private long touch(int value) throws IOException, SQLException {
    return primary.run("UPDATE t SET v = " + value + " WHERE k % 7 = " + value % 7);
  }

  @Test
  @DisplayName("C-1: a late compacted file does not take pages back in time")
  void lateCompaction() throws Exception {
    try (Connection db = Sql.open(primary.replica())) {
      for (int i = 1; i <= 4; i++) {
        touch(7 * i);
      }
      Sql.await(db, 6);
      primary.compact(1, 1, 4);
      awaitListings(db);
      assertShows(db, 6);
      primary.retain(0, 4);
      Sql.await(db, touch(70));
      assertShows(db, 7);
    }
    assertOpensAt(7);
  }

  @Test
  @DisplayName("C-2: a late compacted file does not cut a database that has grown")
  void lateCompactionOfGrowth() throws Exception {
    try (Connection db = Sql.open(primary.replica())) {
      for (int i = 1; i <= 4; i++) {
        primary.run("INSERT INTO t SELECT NULL, hex(zeroblob(300)) FROM t LIMIT 40");
      }
      Sql.await(db, 6);
      primary.compact(1, 1, 2);
      primary.compact(1, 3, 4);
      awaitListings(db);
      assertShows(db, 6);
    }
    assertOpensAt(6);
  }

  @Test
  @DisplayName("C-3, C-7: a shrink drops the pages beyond the end, and no others")
  void shrink() throws Exception {
    try (Connection db = Sql.open(primary.replica())) {
      assertShows(db, 2);
      primary.run("DELETE FROM t WHERE k > 30");
      long shrunk = primary.maintain("PRAGMA incremental_vacuum");
      Sql.await(db, shrunk);
      assertShows(db, shrunk);
      assertOpensAt(shrunk);
      long regrown = primary.run("INSERT INTO t SELECT k + 100, hex(k) || v FROM t");
      Sql.await(db, regrown);
      assertShows(db, regrown);
      primary.compact(1, 1, shrunk);
      primary.compact(2, 1, regrown);
      primary.retain(0, regrown);
      primary.retain(1, regrown);
      awaitListings(db);
      assertShows(db, regrown);
      assertOpensAt(regrown);
      Sql.await(db, primary.maintain("DELETE FROM t WHERE k % 3 = 0", "VACUUM"));
      assertShows(db, primary.txid());
    }
    assertOpensAt(primary.txid());
  }

  @Test
  @DisplayName("C-4: a compacted file that straddles the reader's position is gone on from")
  void straddlingFile() throws Exception {
    touch(7);
    primary.compact(9, 1, 1);
    try (Connection db = Sql.open(primary.replica())) {
      assertShows(db, 3);
      primary.hold();
      touch(14);
      touch(21);
      primary.compact(1, 2, 5);
      primary.retain(0, 5);
      touch(28);
      primary.release();
      Sql.await(db, 6);
      assertShows(db, 6);
      Sql.await(db, touch(35));
    }
  }

  @Test
  @DisplayName("C-5: after a long sleep the way on leads through the high levels")
  void onlyHighLevelsLeft() throws Exception {
    try (Connection db = Sql.open(primary.replica())) {
      assertShows(db, 2);
      primary.hold();
      for (int i = 1; i <= 9; i++) {
        touch(7 * i);
      }
      primary.compact(2, 1, 5);
      primary.compact(3, 6, 8);
      primary.compact(1, 9, 11);
      primary.retain(0, 11);
      primary.release();
      Sql.await(db, 11);
      assertShows(db, 11);
      primary.hold();
      touch(70);
      touch(77);
      primary.snapshot();
      for (int level = 0; level < 9; level++) {
        primary.retain(level, 13);
      }
      primary.release();
      Sql.await(db, 13);
      assertShows(db, 13);
    }
    assertOpensAt(13);
  }

  @Test
  void aGapIsServedBeforeAndHeals() throws Exception {
    try (Connection db = Sql.open(primary.replica())) {
      primary.hold();
      touch(7);
      touch(14);
      primary.lose(new LtxKey(0, 3, 3));
      primary.release();
      awaitListings(db);
      assertShows(db, 2);
      Await.until(
          () -> assertThat(Sql.one(db, "SELECT litestream_last_error()")).contains("are missing"));
      primary.compact(1, 1, 3);
      Sql.await(db, 4);
      assertShows(db, 4);
    }
  }

  @Test
  @DisplayName("C-17: an open transaction reads on when retention deletes the files under it")
  void retentionUnderTransaction() throws Exception {
    primary.run("INSERT INTO t SELECT k + 1000, hex(randomblob(600)) FROM t");
    primary.run("INSERT INTO t SELECT k + 2000, hex(randomblob(600)) FROM t");
    long seen = primary.txid();
    try (SmallCache small = new SmallCache();
        Connection db = Sql.open(primary.replica(), small.parameter())) {
      Sql.run(db, "PRAGMA cache_size=5", "BEGIN");
      assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE k < 10")).isEqualTo("9");
      primary.compact(1, 1, 2);
      primary.compact(1, 3, seen);
      primary.retain(0, seen);
      primary.run("DELETE FROM t WHERE k % 2 = 0");
      assertShows(db, seen);
      primary.snapshot();
      primary.retain(1, seen);
      Sql.run(db, "COMMIT");
      Sql.await(db, seen + 1);
      assertShows(db, seen + 1);
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeStats;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A transaction sees one state, and the functions name that one, while the primary goes on. */
@ExtendWith(LeakCheck.class)
class TransactionTest {

  @TempDir Path temp;
  private SqlitePrimary primary;
  private Connection db;
  private Connection other;

  @BeforeEach
  void open() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    db = Sql.open(primary.replica());
    other = Sql.open(primary.replica());
  }

  @AfterEach
  void close() throws SQLException {
    other.close();
    db.close();
    primary.close();
  }

  private void moveTo(int n) throws IOException, SQLException {
    Sql.await(other, primary.run("UPDATE t SET n = " + n));
  }

  private static String value(Connection connection) throws SQLException {
    return Sql.one(connection, "SELECT n FROM t");
  }

  @Test
  @DisplayName("C-13: inside a transaction litestream_txid is the TXID of what is read")
  void txidOfTheTransaction() throws Exception {
    db.setAutoCommit(false);
    assertThat(value(db)).isEqualTo("1");
    moveTo(2);
    assertThat(value(db)).isEqualTo("1");
    assertThat(Sql.txid(db)).isEqualTo(1);
    assertThat(Sql.one(db, "SELECT litestream_txid()")).isEqualTo("0000000000000001");
    assertThat(Instant.parse(Sql.one(db, "SELECT litestream_time()"))).isEqualTo(primary.time(1));
    db.commit();
    assertThat(value(db)).isEqualTo("2");
    assertThat(Sql.txid(db)).isEqualTo(2);
  }

  @Test
  void theFunctionsPinWhatTheyName() throws Exception {
    for (String function : new String[] {"litestream_txid()", "litestream_time()"}) {
      db.setAutoCommit(false);
      long named = primary.txid();
      String value = value(other);
      Sql.one(db, "SELECT " + function);
      moveTo((int) named + 100);
      assertThat(Sql.txid(db)).isEqualTo(named);
      assertThat(value(db)).isEqualTo(value);
      db.rollback();
      db.setAutoCommit(true);
    }
  }

  @Test
  @DisplayName("C-18: an open cursor keeps its state, however far the replica moves")
  void openCursor() throws Exception {
    primary.run("INSERT INTO t" + Sql.numbers(2, 3000));
    Sql.await(db, 2);
    long sum = 0;
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery("SELECT n FROM t")) {
      rows.next();
      sum += rows.getLong(1);
      primary.run("UPDATE t SET n = -n");
      primary.compact(1, 1, 3);
      primary.retain(0, 3);
      moveTo(0);
      while (rows.next()) {
        sum += rows.getLong(1);
      }
    }
    assertThat(sum).isEqualTo(3000 * 3001 / 2);
    assertThat(Sql.one(db, "SELECT sum(n) FROM t")).isEqualTo("0");
  }

  @Test
  @DisplayName("C-15: data_version moves with the state, and not without")
  void dataVersion() throws Exception {
    String before = Sql.one(db, "PRAGMA data_version");
    for (int i = 0; i < 10; i++) {
      value(db);
      assertThat(Sql.one(db, "PRAGMA data_version")).isEqualTo(before);
    }
    moveTo(2);
    value(db);
    assertThat(Sql.one(db, "PRAGMA data_version")).isNotEqualTo(before);
  }

  @Test
  @DisplayName("C-15: SQLite's own page cache survives from one transaction to the next")
  void pagerCache() throws Exception {
    primary.run("INSERT INTO t" + Sql.numbers(1, 20000));
    Sql.await(db, 2);
    String sum = Sql.one(db, "SELECT sum(n) FROM t");
    int rounds = 20;
    NativeStats before = NativeCore.stats();
    for (int i = 0; i < rounds; i++) {
      assertThat(Sql.one(db, "SELECT sum(n) FROM t")).isEqualTo(sum);
    }
    NativeStats after = NativeCore.stats();
    // Each transaction reads the change counter; the table has more than fifty pages.
    assertThat(after.hits() + after.misses() - before.hits() - before.misses())
        .isLessThanOrEqualTo(3L * rounds);
  }

  @Test
  void immutableStaysAtItsFirstRead() throws Exception {
    for (String parameter : new String[] {"immutable=1", "nolock=1"}) {
      String now = value(other);
      try (Connection still = Sql.open(primary.replica(), parameter)) {
        assertThat(value(still)).isEqualTo(now);
        moveTo(Integer.parseInt(now) + 1);
        assertThat(value(still)).as(parameter).isEqualTo(now);
        assertThat(Sql.failure(still, "PRAGMA litestream_time='" + primary.time(1) + "'"))
            .contains("immutable=1", "nolock=1");
      }
    }
  }

  @Test
  @DisplayName("C-18: locking_mode=EXCLUSIVE is refused, and says what to use")
  void exclusive() throws Exception {
    assertThat(Sql.failure(db, "PRAGMA locking_mode=EXCLUSIVE")).contains("immutable=1");
    value(db);
    moveTo(2);
    assertThat(value(db)).isEqualTo("2");
  }

  @Test
  void sharedCacheFollowsButDoesNotTravel() throws Exception {
    try (Connection one = Sql.open(primary.replica(), "cache=shared");
        Connection two = Sql.open(primary.replica(), "cache=shared")) {
      assertThat(value(one)).isEqualTo(value(two)).isEqualTo("1");
      moveTo(2);
      assertThat(value(one)).isEqualTo(value(two)).isEqualTo("2");
      assertThat(Sql.failure(two, "PRAGMA litestream_time='" + primary.time(2) + "'"))
          .contains("cache=shared");
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.RowDigest;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The primary starts anew, goes on from an older state, or changes its page size. Its DDL then runs
 * in another order, so that two histories have the same schema cookie but other root pages: who
 * trusts the cookie reads the wrong table.
 */
@ExtendWith(LeakCheck.class)
class LineageTest {

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE base(x)");
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  private void tables(String first, String second, String history)
      throws IOException, SQLException {
    primary.run(
        "CREATE TABLE " + first + "(x)",
        "CREATE TABLE " + second + "(x)",
        "INSERT INTO a VALUES ('a of " + history + "')",
        "INSERT INTO b VALUES ('b of " + history + "')");
  }

  private static String run(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private void assertShowsTheNewest(Connection db) throws IOException, SQLException {
    assertThat(Sql.digest(db)).isEqualTo(primary.digest(primary.txid()));
    assertThat(RowDigest.integrity(db)).isEqualTo("ok");
  }

  /** Readers of history 1, one of them with a prepared statement, one of them idle. */
  private void assertNoWrongTable(HistoryChange change) throws Exception {
    try (Connection watcher = Sql.open(primary.replica());
        Connection idle = Sql.open(primary.replica());
        Connection busy = Sql.open(primary.replica())) {
      try (PreparedStatement a = busy.prepareStatement("SELECT x FROM a");
          PreparedStatement b = busy.prepareStatement("SELECT x FROM b")) {
        assertThat(run(a)).isEqualTo("a of 1");
        assertThat(run(b)).isEqualTo("b of 1");
        assertThat(Sql.one(idle, "SELECT x FROM a")).isEqualTo("a of 1");
        String cookie = Sql.one(watcher, "PRAGMA schema_version");
        change.run();
        Await.until(() -> assertThat(Sql.one(watcher, "SELECT x FROM a")).isEqualTo("a of 2"));
        assertThat(run(b)).isEqualTo("b of 2");
        assertThat(run(a)).isEqualTo("a of 2");
        assertThat(Sql.one(idle, "SELECT x FROM a")).isEqualTo("a of 2");
        assertThat(Sql.one(idle, "SELECT x FROM b")).isEqualTo("b of 2");
        assertThat(Sql.one(watcher, "PRAGMA schema_version")).isNotEqualTo(cookie);
        assertShowsTheNewest(busy);
        assertShowsTheNewest(idle);
      }
    }
  }

  /** What the primary does between two reads. */
  private interface HistoryChange {
    void run() throws Exception;
  }

  @Test
  @DisplayName("C-16: a reset replica with the same schema cookie shows no wrong table")
  void reset() throws Exception {
    tables("a", "b", "1");
    assertNoWrongTable(
        () -> {
          primary.hold();
          primary.reset(4096);
          primary.run("CREATE TABLE base(x)");
          tables("b", "a", "2");
          primary.release();
        });
  }

  @Test
  @DisplayName("C-16: a reset with another page size, beyond the old TXID")
  void resetWithAnotherPageSize() throws Exception {
    tables("a", "b", "1");
    assertNoWrongTable(
        () -> {
          primary.hold();
          primary.reset(1024);
          primary.run("CREATE TABLE base(x)");
          tables("b", "a", "2");
          primary.run("INSERT INTO base VALUES (1)");
          primary.run("INSERT INTO base VALUES (2)");
          primary.release();
        });
  }

  @Test
  @DisplayName("C-16: a primary restored to an older state goes on with other DDL")
  void rewind() throws Exception {
    tables("a", "b", "1");
    assertNoWrongTable(
        () -> {
          primary.rewind(1);
          tables("b", "a", "2");
        });
  }

  @Test
  @DisplayName("C-16: the page size changes between two transactions of an open connection")
  void pageSize() throws Exception {
    tables("a", "b", "1");
    try (Connection db = Sql.open(primary.replica())) {
      for (int pageSize : new int[] {512, 65536, 1024, 8192}) {
        assertThat(Sql.one(db, "SELECT x FROM a")).isEqualTo("a of 1");
        Sql.await(db, primary.maintain("PRAGMA page_size=" + pageSize, "VACUUM"));
        assertShowsTheNewest(db);
        assertThat(Sql.one(db, "PRAGMA page_size")).isEqualTo(Integer.toString(pageSize));
        Sql.await(db, primary.run("INSERT INTO base VALUES (" + pageSize + ")"));
        assertShowsTheNewest(db);
      }
      Sql.travel(db, primary.time(3).toString());
      assertThat(Sql.digest(db)).isEqualTo(primary.digest(2));
      assertThat(Sql.one(db, "PRAGMA page_size")).isEqualTo("4096"); // known after a read
    }
  }

  @Test
  void aTransactionEndsWhereItsBytesAreGone() throws Exception {
    tables("a", "b", "1");
    primary.run("INSERT INTO base VALUES (hex(randomblob(400000)))");
    String old = primary.digest(primary.txid());
    try (SmallCache small = new SmallCache();
        Connection db = Sql.open(primary.replica(), small.parameter());
        Connection watcher = Sql.open(primary.replica())) {
      Sql.run(db, "PRAGMA cache_size=5", "BEGIN");
      assertThat(Sql.one(db, "SELECT x FROM a")).isEqualTo("a of 1");
      primary.hold();
      primary.reset(4096);
      primary.run("CREATE TABLE base(x)");
      tables("b", "a", "2");
      primary.release();
      Await.until(() -> assertThat(Sql.one(watcher, "SELECT x FROM a")).isEqualTo("a of 2"));
      try {
        assertThat(Sql.digest(db)).isEqualTo(old); // open files outlive their names
      } catch (SQLException e) {
        assertThat(Sql.one(db, "SELECT litestream_last_error()")).contains("was reset");
      }
      Sql.run(db, "COMMIT");
      assertShowsTheNewest(db);
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.store.LtxName;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Travel by TXID, what a connection's session leaves and takes back, and the list of states. */
@ExtendWith(LeakCheck.class)
class SessionTest {

  @TempDir Path temp;
  private SqlitePrimary primary;
  private Connection db;

  @BeforeEach
  void open() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    primary.run("UPDATE t SET n = 2");
    primary.run("UPDATE t SET n = 3");
    db = Sql.open(primary.replica());
  }

  @AfterEach
  void close() throws SQLException {
    db.close();
    primary.close();
  }

  private String value() throws SQLException {
    return Sql.one(db, "SELECT n FROM t");
  }

  private String session() throws SQLException {
    return Sql.one(db, "PRAGMA litestream_session");
  }

  private void toTxid(long txid) throws SQLException {
    Sql.run(db, "PRAGMA litestream_txid='" + LtxName.hex(txid) + "'");
  }

  private void attachPast() throws SQLException {
    Sql.run(db, "ATTACH '" + Sql.name(primary.replica()) + "' AS past");
  }

  @Test
  @DisplayName("C-47: travel to exactly a TXID, and its commit time is shown")
  void travelByTxid() throws Exception {
    for (long txid : new long[] {1, 3, 2}) {
      toTxid(txid);
      assertThat(value()).isEqualTo(Long.toString(txid));
      assertThat(Sql.txid(db)).isEqualTo(txid);
      assertThat(Instant.parse(Sql.one(db, "PRAGMA litestream_time")))
          .isEqualTo(primary.time(txid));
    }
    Sql.run(db, "SELECT litestream_set_txid('1')");
    assertThat(value()).isEqualTo("1");
    Sql.travel(db, "LATEST");
    Sql.await(db, primary.run("UPDATE t SET n = 4"));
    assertThat(value()).isEqualTo("4");
  }

  @Test
  @DisplayName("C-47: a TXID that is compacted away is refused with the nearest ones")
  void unreachableTxid() throws Exception {
    primary.compact(1, 1, 3);
    primary.retain(0, 4);
    String refused = Sql.failure(db, "PRAGMA litestream_txid='2'");
    assertThat(refused).contains("0000000000000002", "0000000000000003");
    assertThat(Sql.failure(db, "SELECT litestream_set_txid(NULL)")).contains("NULL");
    for (String text : List.of("", "0", "xyz", "12345678901234567")) {
      assertThat(Sql.failure(db, "PRAGMA litestream_txid='" + text + "'")).contains("hex digits");
    }
    assertThat(value()).isEqualTo("3");
    assertThat(session()).isEqualTo("0");
  }

  @Test
  void inTransactionTravelWorksUntilTheFirstRead() throws Exception {
    db.setAutoCommit(false);
    Sql.run(db, "SELECT litestream_set_txid('1')");
    assertThat(value()).isEqualTo("1");
    assertThat(Sql.failure(db, "SELECT litestream_set_txid('2')")).contains("COMMIT");
    assertThat(Sql.failure(db, "PRAGMA litestream_txid='2'")).contains("COMMIT");
    db.commit();
    toTxid(2);
    assertThat(value()).isEqualTo("2");
    db.commit();
    db.setAutoCommit(true);
    assertThat(Sql.failure(db, "SELECT litestream_set_txid('3') FROM t")).contains("being read");
  }

  @Test
  void resetWhilePinnedActsOnTheNextTransaction() throws Exception {
    toTxid(1);
    assertThat(session()).isEqualTo("1");
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery("SELECT n FROM t UNION ALL SELECT n FROM t")) {
      rows.next();
      Sql.run(db, "PRAGMA litestream_reset");
      assertThat(session()).isEqualTo("0");
      rows.next();
      assertThat(rows.getInt(1)).isEqualTo(1);
      assertThat(Sql.one(db, "PRAGMA litestream_position"))
          .matches("\\d+ 0000000000000001 \\d+ \\d+ 1");
    }
    assertThat(value()).isEqualTo("3");
    assertThat(Sql.one(db, "PRAGMA litestream_position"))
        .matches("\\d+ 0000000000000003 " + primary.time(3).toEpochMilli() + " - 0");
  }

  @Test
  void sessionKnowsAttachedReplicasAndTransactions() throws Exception {
    assertThat(session()).isEqualTo("0");
    attachPast();
    assertThat(session()).isEqualTo("2");
    Sql.run(db, "PRAGMA past.litestream_txid='1'");
    assertThat(session()).isEqualTo("3");
    Sql.run(db, "BEGIN");
    assertThat(session()).isEqualTo("7");
    Sql.run(db, "PRAGMA litestream_reset", "ROLLBACK");
    assertThat(session()).isEqualTo("2");
    assertThat(Sql.one(db, "SELECT n FROM past.t")).isEqualTo("3");
    Sql.run(db, "DETACH past", "ATTACH ':memory:' AS local");
    assertThat(session()).isEqualTo("0");
  }

  @Test
  @DisplayName("C-50: everything answers for an attached replica too")
  void attachedAtAnotherTxid() throws Exception {
    attachPast();
    Sql.run(db, "PRAGMA past.litestream_txid='1'");
    assertThat(Sql.one(db, "SELECT main.t.n || ' ' || past.t.n FROM main.t, past.t"))
        .isEqualTo("3 1");
    Sql.run(db, "SELECT litestream_set_txid('2', 'past')");
    assertThat(Sql.one(db, "SELECT n FROM past.t")).isEqualTo("2");
    assertThat(Sql.one(db, "SELECT litestream_txid('past')")).isEqualTo("0000000000000002");
    assertThat(Sql.one(db, "PRAGMA past.litestream_position")).contains(" 0000000000000002 ");
    assertThat(Long.parseLong(Sql.one(db, "PRAGMA past.litestream_look_age"))).isNotNegative();
    assertThat(Long.parseLong(Sql.one(db, "SELECT litestream_look_age('past')"))).isNotNegative();
    assertThat(Sql.one(db, "SELECT json_valid(s) FROM (SELECT '" + stats() + "' AS s)"))
        .isEqualTo("1");
    assertThat(Sql.column(db, "SELECT txid FROM litestream_history('past')")).hasSize(3);
  }

  private String stats() throws SQLException {
    String stats = Sql.one(db, "PRAGMA past.litestream_stats");
    assertThat(stats).contains("\"cache\":{", "\"hits\":", "\"store\":{");
    return stats;
  }

  @Test
  void resetOfFilesThatCannotTravelChangesNothing() throws Exception {
    for (String parameter : List.of("immutable=1", "nolock=1", "cache=shared")) {
      try (Connection still = Sql.open(primary.replica(), parameter)) {
        assertThat(Sql.one(still, "SELECT n FROM t")).isEqualTo("3");
        Sql.run(still, "PRAGMA litestream_reset");
        assertThat(Sql.one(still, "SELECT n FROM t")).as(parameter).isEqualTo("3");
        assertThat(Sql.one(still, "PRAGMA litestream_session")).as(parameter).isEqualTo("0");
      }
    }
  }

  @Test
  @DisplayName("C-47: the states that can be reached are a table, newest first")
  void history() throws Exception {
    for (int n = 4; n <= 80; n++) {
      primary.run("UPDATE t SET n = " + n);
    }
    assertThat(Sql.column(db, "SELECT txid FROM litestream_history"))
        .hasSize(80)
        .startsWith("0000000000000050")
        .endsWith("0000000000000001");
    assertThat(Sql.column(db, "SELECT txid FROM litestream_history ORDER BY txid DESC LIMIT 2"))
        .containsExactly("0000000000000050", "000000000000004f");
    assertThat(Sql.column(db, "SELECT txid FROM litestream_history ORDER BY txid LIMIT 1 OFFSET 1"))
        .containsExactly("0000000000000002");
    String second = "SELECT time FROM litestream_history WHERE txid = '0000000000000002'";
    assertThat(Instant.parse(Sql.one(db, second))).isEqualTo(primary.time(2));
    assertThat(Sql.one(db, "SELECT pages > 0 AND bytes > 100 FROM litestream_history LIMIT 1"))
        .isEqualTo("1");
    assertThat(Sql.failure(db, "SELECT * FROM litestream_history('temp')")).contains("no Litest");
  }

  @Test
  void historyOfSchemaThatIsDetachedMeanwhile() throws Exception {
    for (int n = 4; n <= 40; n++) {
      primary.run("UPDATE t SET n = " + n);
    }
    attachPast();
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery("SELECT txid FROM litestream_history('past')")) {
      rows.next();
      Sql.run(db, "DETACH past");
      String end = "";
      try {
        while (rows.next()) {
          end = rows.getString(1);
        }
      } catch (SQLException e) {
        end = String.valueOf(e.getMessage());
      }
      assertThat(end).contains("past");
    }
  }
}

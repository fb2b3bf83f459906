package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code time} and {@code txid} in what a connection is opened with. */
@ExtendWith(LeakCheck.class)
class OpenInThePastTest {

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    primary.run("UPDATE t SET n = 2");
    primary.run("UPDATE t SET n = 3");
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  private static String value(Connection db) throws SQLException {
    return Sql.one(db, "SELECT n FROM t");
  }

  private String justAfter(long txid) {
    return "time=" + Sql.encode(primary.time(txid).plusMillis(1).toString());
  }

  @Test
  @DisplayName("C-47: a connection opens at a time, and LATEST leaves it")
  void atATime() throws Exception {
    try (Connection db = Sql.open(primary.replica(), justAfter(2))) {
      assertThat(value(db)).isEqualTo("2");
      assertThat(Sql.txid(db)).isEqualTo(2);
      Sql.travel(db, "LATEST");
      assertThat(value(db)).isEqualTo("3");
      Sql.run(db, "PRAGMA litestream_reset");
      assertThat(value(db)).isEqualTo("2");
    }
  }

  @Test
  @DisplayName("C-47: a connection opens at a TXID")
  void atATxid() throws Exception {
    try (Connection db = Sql.open(primary.replica(), "txid=1")) {
      primary.run("UPDATE t SET n = 4");
      assertThat(value(db)).isEqualTo("1");
    }
  }

  @Test
  void throughTheDriver() throws Exception {
    String url = "jdbc:litestream:" + primary.replica() + "?";
    try (Connection db = DriverManager.getConnection(url + justAfter(2));
        Connection first = DriverManager.getConnection(url + "txid=0000000000000001")) {
      assertThat(value(db)).isEqualTo("2");
      assertThat(value(first)).isEqualTo("1");
    }
  }

  @Test
  @DisplayName("C-50: one statement joins the present with a replica attached in the past")
  void attached() throws Exception {
    try (Connection db = Sql.open(primary.replica())) {
      Sql.run(db, "ATTACH '" + Sql.name(primary.replica(), "txid=1") + "' AS past");
      assertThat(Sql.one(db, "SELECT main.t.n - past.t.n FROM main.t, past.t")).isEqualTo("2");
    }
  }

  @Test
  @DisplayName(
      "C-47: an instant or TXID that is not to be had fails the open with the nearest ones")
  void unreachable() {
    String url = "jdbc:sqlite:" + Sql.name(primary.replica());
    assertThat(Sql.openFailure(url + "&txid=9")).hasMessageContaining("0000000000000003");
    assertThat(Sql.openFailure(url + "&time=2001-01-01"))
        .hasMessageContaining("the first one is of " + primary.time(1));
  }
}

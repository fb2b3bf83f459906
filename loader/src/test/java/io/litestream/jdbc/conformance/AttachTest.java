package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.RowDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Replicas and local databases in one connection, and copies of a replica. */
@ExtendWith(LeakCheck.class)
class AttachTest {

  @TempDir Path temp;
  private SqlitePrimary primary;
  private Connection db;

  @BeforeEach
  void open() throws IOException, SQLException {
    primary = new SqlitePrimary(Files.createDirectory(temp.resolve("one")), 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    primary.run("UPDATE t SET n = 2");
    String name = Sql.name(primary.replica()).replace("replica.db", temp + "/replica.db");
    db = DriverManager.getConnection("jdbc:sqlite:" + name);
  }

  @AfterEach
  void close() throws SQLException {
    db.close();
    primary.close();
  }

  private String local(String name) {
    return "'file:" + temp.resolve(name) + "?vfs=unix'";
  }

  private String lastError() throws SQLException {
    return Sql.one(db, "SELECT litestream_last_error()");
  }

  @Test
  void plainNamesAreRefusedAndSayHow() throws Exception {
    Path file = temp.resolve("local.db");
    for (String sql :
        new String[] {
          "ATTACH '" + file + "' AS local", "VACUUM INTO '" + temp.resolve("out.db") + "'"
        }) {
      assertThat(Sql.failure(db, sql)).isNotEmpty();
      assertThat(lastError()).contains("?vfs=unix'", "not opened");
    }
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left.map(Path::getFileName).map(Path::toString)).containsExactly("one");
    }
    assertThat(Sql.one(db, "SELECT n FROM t")).isEqualTo("2");
  }

  @Test
  void aLocalDatabaseBesideTheReplica() throws Exception {
    Sql.run(
        db,
        "ATTACH " + local("local.db") + " AS local",
        "CREATE TABLE local.copy AS SELECT n FROM main.t",
        "CREATE TEMP TABLE also AS SELECT n FROM main.t");
    Sql.await(db, primary.run("INSERT INTO t VALUES (3)"));
    Sql.run(db, "INSERT INTO local.copy SELECT n FROM main.t WHERE n = 3");
    assertThat(Sql.column(db, "SELECT n FROM local.copy ORDER BY n")).containsExactly("2", "3");
    assertThat(Sql.column(db, "SELECT n FROM temp.also")).containsExactly("2");
    assertThat(Sql.failure(db, "INSERT INTO main.t VALUES (4)")).contains("readonly");
  }

  /** SQLite names the super-journal after the main database, and asks our VFS for it. */
  @Test
  void oneTransactionOverTwoLocalDatabases() throws Exception {
    Sql.run(
        db,
        "ATTACH " + local("a.db") + " AS a",
        "ATTACH " + local("b.db") + " AS b",
        "CREATE TABLE a.t(n)",
        "CREATE TABLE b.t(n)",
        "BEGIN",
        "INSERT INTO a.t SELECT n FROM main.t",
        "INSERT INTO b.t SELECT n FROM main.t",
        "COMMIT",
        "BEGIN",
        "DELETE FROM a.t",
        "DELETE FROM b.t",
        "ROLLBACK");
    for (String name : List.of("a.db", "b.db")) {
      try (Connection plain = Sql.plain(temp.resolve(name))) {
        assertThat(Sql.column(plain, "SELECT n FROM t")).containsExactly("2");
      }
    }
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("one", "a.db", "b.db");
    }
  }

  @Test
  void twoReplicasAndTwoTimesInOneStatement() throws Exception {
    Path second = Files.createDirectory(temp.resolve("two"));
    try (SqlitePrimary two = new SqlitePrimary(second, 4096)) {
      two.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (20)");
      Sql.run(
          db,
          "ATTACH '" + Sql.name(two.replica()) + "' AS two",
          "ATTACH '" + Sql.name(primary.replica()) + "' AS past",
          "PRAGMA past.litestream_time='" + primary.time(2) + "'");
      Sql.await(db, primary.run("UPDATE t SET n = 3"));
      assertThat(
              Sql.one(
                  db,
                  "SELECT main.t.n || ' ' || past.t.n || ' ' || two.t.n FROM main.t, past.t,"
                      + " two.t"))
          .isEqualTo("3 1 20");
      assertThat(
              Sql.one(
                  db,
                  "SELECT litestream_txid() || ' ' || litestream_txid('past') || ' '"
                      + " || litestream_txid('two')"))
          .isEqualTo("0000000000000003 0000000000000001 0000000000000001");
      assertThat(Sql.failure(db, "SELECT litestream_txid('nowhere')")).contains("nowhere");
      Sql.run(db, "SELECT litestream_set_time('LATEST', 'past')", "DETACH two");
      assertThat(Sql.one(db, "SELECT n FROM past.t")).isEqualTo("3");
    }
  }

  @Test
  void anAttachThatFailsSaysWhy() throws Exception {
    Path nothing = temp.resolve("nothing");
    String sql = "ATTACH '" + Sql.name(nothing, "open_timeout=1ms") + "' AS x";
    assertThat(Sql.failure(db, sql)).isNotEmpty();
    assertThat(lastError()).contains("no replica at", nothing.toString());
    assertThat(Sql.one(db, "SELECT n FROM t")).isEqualTo("2");
  }

  @Test
  void copies() throws Exception {
    Path vacuumed = temp.resolve("vacuumed.db");
    Path backup = temp.resolve("backup.db");
    Sql.run(db, "VACUUM INTO 'file:" + vacuumed + "?vfs=unix'", "backup to '" + backup + "'");
    for (Path copy : List.of(vacuumed, backup)) {
      try (Connection plain = Sql.plain(copy)) {
        assertThat(RowDigest.integrity(plain)).isEqualTo("ok");
        assertThat(Sql.digest(plain)).as("%s", copy).isEqualTo(primary.digest(2));
        Sql.run(plain, "INSERT INTO t VALUES (9)");
      }
    }
  }

  @Test
  void strayFilesBesideTheNameAreNotLookedAt() throws Exception {
    for (String suffix : List.of("-journal", "-wal", "-shm")) {
      Files.write(temp.resolve("replica.db" + suffix), new byte[4096]);
    }
    Files.writeString(temp.resolve("replica.db"), "not a database");
    assertThat(Sql.one(db, "SELECT n FROM t")).isEqualTo("2");
    Sql.await(db, primary.run("UPDATE t SET n = 3"));
    assertThat(RowDigest.integrity(db)).isEqualTo("ok");
    try (Connection fresh =
        DriverManager.getConnection(
            "jdbc:sqlite:"
                + Sql.name(primary.replica()).replace("replica.db", temp + "/replica.db"))) {
      assertThat(Sql.one(fresh, "SELECT n FROM t")).isEqualTo("3");
    }
    assertThat(Files.size(temp.resolve("replica.db-journal"))).isEqualTo(4096);
  }
}

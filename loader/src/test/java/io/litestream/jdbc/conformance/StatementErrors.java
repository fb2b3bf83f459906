package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.conformance.ErrorScene.Scenario;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** What can go wrong with a statement that the store has nothing to do with. */
final class StatementErrors {

  private StatementErrors() {}

  static Map<String, Scenario> all() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("write", scene -> run(scene, "INSERT INTO t VALUES (2)"));
    all.put("ddl", scene -> run(scene, "CREATE TABLE u(x)"));
    all.put("write-in-batch", StatementErrors::batch);
    all.put("syntax", scene -> run(scene, "SELECT FROM"));
    all.put("no-table", scene -> run(scene, "SELECT * FROM absent"));
    all.put(
        "no-column", scene -> scene.closing(scene.db().prepareStatement("SELECT absent FROM t")));
    all.put(
        "constraint",
        scene -> run(scene, "CREATE TEMP TABLE u(x UNIQUE)", "INSERT INTO u VALUES (1), (1)"));
    all.put("too-big", scene -> run(scene, "SELECT zeroblob(2000000000)"));
    all.put(
        "wrong-type",
        scene ->
            run(
                scene,
                "CREATE TEMP TABLE u(x INTEGER PRIMARY KEY)",
                "INSERT INTO u VALUES ('text')"));
    all.put("table-locked", StatementErrors::lockedTable);
    all.put("database-locked", StatementErrors::lockedDatabase);
    all.put(
        "no-disk",
        scene ->
            run(
                scene,
                "CREATE TEMP TABLE u(x)",
                "PRAGMA temp.max_page_count = 3",
                "INSERT INTO u VALUES (zeroblob(100000))"));
    all.put("rolled-back", StatementErrors::rolledBack);
    all.put(
        "no-rows",
        scene -> {
          try (Statement statement = scene.db().createStatement()) {
            statement.executeQuery("CREATE TEMP TABLE u(x)");
          }
        });
    all.put("no-such-column", scene -> row(scene).getString("absent"));
    all.put("no-such-index", scene -> row(scene).getString(9));
    all.put(
        "result-set-closed",
        scene -> {
          ResultSet row = row(scene);
          row.close();
          row.getString(1);
        });
    all.put(
        "result-set-twice",
        scene -> {
          try (Statement statement = scene.db().createStatement()) {
            assertThat(statement.execute("SELECT n FROM t")).isTrue();
            assertThat(statement.getResultSet().next()).isTrue();
            statement.getResultSet();
          }
        });
    all.put(
        "scrolling",
        scene ->
            scene
                .db()
                .createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY));
    all.put("bad-timeout", scene -> assertThat(scene.db().isValid(-1)).isFalse());
    all.put("bad-network-timeout", scene -> scene.db().setNetworkTimeout(Runnable::run, -1));
    all.put("abort-without-executor", scene -> scene.db().abort(null));
    return all;
  }

  private static void run(ErrorScene scene, String... statements) throws Exception {
    for (String sql : statements) {
      ErrorScene.run(scene.db(), sql);
    }
  }

  private static ResultSet row(ErrorScene scene) throws Exception {
    Statement statement = scene.closing(scene.db().createStatement());
    ResultSet row = statement.executeQuery("SELECT n FROM t");
    assertThat(row.next()).isTrue();
    return row;
  }

  private static void batch(ErrorScene scene) throws Exception {
    try (Statement statement = scene.db().createStatement()) {
      statement.addBatch("INSERT INTO t VALUES (2)");
      statement.executeBatch();
    }
  }

  private static void lockedTable(ErrorScene scene) throws Exception {
    run(scene, "CREATE TEMP TABLE u AS" + Sql.numbers(1, 9));
    try (Statement reading = scene.db().createStatement();
        ResultSet rows = reading.executeQuery("SELECT * FROM u")) {
      assertThat(rows.next()).isTrue();
      run(scene, "DROP TABLE u");
    }
  }

  private static void lockedDatabase(ErrorScene scene) throws Exception {
    Path file = scene.temp().resolve("local.db");
    try (Connection other = Sql.plain(file)) {
      Sql.run(other, "CREATE TABLE u(x)", "BEGIN EXCLUSIVE");
      run(
          scene,
          "PRAGMA busy_timeout = 1",
          "ATTACH 'file:" + file + "?vfs=unix' AS local",
          "SELECT * FROM local.u");
    }
  }

  private static void rolledBack(ErrorScene scene) throws Exception {
    run(scene, "BEGIN", "CREATE TEMP TABLE u AS" + Sql.numbers(1, 9));
    try (Statement reading = scene.db().createStatement();
        ResultSet rows = reading.executeQuery("SELECT * FROM u")) {
      assertThat(rows.next()).isTrue();
      run(scene, "ROLLBACK");
      assertThat(rows.next()).isFalse();
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.conformance.ErrorScene.Scenario;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.sqlite.SQLiteConnection;
import org.sqlite.jdbc4.JDBC4Statement;

/** What ends statements and connections early. */
final class StopErrors {

  private static final String ENDLESS =
      "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT max(n) FROM s";

  private interface Stop {
    void stop(Statement running) throws Exception;
  }

  private StopErrors() {}

  static Map<String, Scenario> all() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("canceled", scene -> stopped(scene, Statement::cancel));
    all.put("statement-closed", scene -> stopped(scene, Statement::close));
    all.put(
        "interrupted",
        scene -> {
          Thread runner = Thread.currentThread();
          try {
            stopped(scene, running -> runner.interrupt());
          } finally {
            assertThat(Thread.interrupted()).isTrue();
          }
        });
    all.put("closed-while-running", scene -> stopped(scene, s -> scene.db().close()));
    all.put(
        "query-timeout",
        scene -> {
          try (Statement statement = scene.db().createStatement()) {
            statement.setQueryTimeout(1);
            statement.executeQuery(ENDLESS).close();
          }
        });
    all.put(
        "network-timeout",
        scene -> {
          scene.db().setNetworkTimeout(Runnable::run, 50);
          ErrorScene.run(scene.db(), ENDLESS);
        });
    all.put(
        "closed",
        scene -> {
          scene.db().close();
          scene.db().createStatement();
        });
    all.put("session-ended", StopErrors::ended);
    all.put("session-not-reset", StopErrors::broken);
    return all;
  }

  /** Stops an endless statement of this thread from another one. */
  private static void stopped(ErrorScene scene, Stop stop) throws Exception {
    Connection db = scene.db();
    try (Statement statement = db.createStatement()) {
      CompletableFuture<Void> stopping =
          CompletableFuture.runAsync(
              () -> {
                try {
                  Thread.sleep(100);
                  stop.stop(statement);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      try {
        statement.executeQuery(ENDLESS).close();
      } finally {
        boolean interrupted = Thread.interrupted();
        stopping.join();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** The pool takes a connection back from a borrower who still reads the past. */
  private static void ended(ErrorScene scene) throws Exception {
    Connection db = scene.db();
    Sql.run(db, "PRAGMA litestream_txid = '2'");
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery(Sql.numbers(1, 9))) {
      assertThat(rows.next()).isTrue();
      db.clearWarnings();
      assertThat(rows.next()).isTrue();
    }
  }

  /** A statement that the connection does not know of reads what is to be detached. */
  private static void broken(ErrorScene scene) throws Exception {
    Connection db = scene.db();
    Sql.run(db, "ATTACH '" + Sql.name(scene.small().replica()) + "' AS past");
    try (Statement unknown = new JDBC4Statement(db.unwrap(SQLiteConnection.class))) {
      assertThat(unknown.executeQuery("SELECT n FROM past.t").next()).isTrue();
      db.clearWarnings();
      ErrorScene.run(db, "SELECT 1");
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.conformance.ErrorScene.Scenario;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What can go wrong on the way to another state, and with another replica. */
final class TravelErrors {

  private TravelErrors() {}

  static Map<String, Scenario> all() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("no-time", scene -> go(scene, "PRAGMA litestream_time = 'once upon a time'"));
    all.put("no-txid", scene -> go(scene, "PRAGMA litestream_txid = 'xyz'"));
    all.put(
        "no-such-time", scene -> go(scene, "SELECT litestream_set_time('2001-01-01T00:00:00Z')"));
    all.put("no-such-txid", scene -> go(scene, "PRAGMA litestream_txid = '99'"));
    all.put(
        "in-transaction",
        scene -> {
          scene.db().setAutoCommit(false);
          assertThat(Sql.one(scene.db(), "SELECT n FROM t")).isEqualTo("3");
          go(scene, "PRAGMA litestream_time = 'LATEST'");
        });
    all.put(
        "await-of-no-txid",
        scene -> {
          boolean there = Litestream.await(scene.db(), "xyz", Duration.ZERO);
          throw new AssertionError(there);
        });
    all.put("await-interrupted", TravelErrors::interruptedAwait);
    all.put(
        "no-replica-here",
        scene -> {
          Connection plain = scene.closing(Sql.plain(scene.temp().resolve("plain.db")));
          Litestream.position(plain);
        });
    all.put(
        "attach-of-nothing",
        scene -> attach(scene, Sql.name(scene.temp().resolve("missing"), "open_timeout=1ms")));
    all.put(
        "attach-of-no-parameter",
        scene -> attach(scene, Sql.name(scene.small().replica(), "open_timeuot=1ms")));
    all.put(
        "attach-of-no-file",
        scene -> attach(scene, "file:" + scene.temp() + "/absent/x.db?vfs=unix"));
    return all;
  }

  private static void go(ErrorScene scene, String sql) throws Exception {
    ErrorScene.run(scene.db(), sql);
  }

  private static void attach(ErrorScene scene, String uri) throws Exception {
    ErrorScene.run(scene.db(), "ATTACH '" + uri + "' AS other");
  }

  private static void interruptedAwait(ErrorScene scene) throws Exception {
    Connection db = scene.db();
    Thread.currentThread().interrupt();
    try {
      boolean there = Litestream.await(db, "99", Await.LIMIT);
      throw new AssertionError(there);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}

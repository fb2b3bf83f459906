package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamConfig;
import io.litestream.jdbc.LitestreamDataSource;
import io.litestream.jdbc.conformance.ErrorScene.Scenario;
import io.litestream.jdbc.internal.store.FileUrl;
import io.litestream.jdbc.internal.store.file.FileStore;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.testkit.ltx.LtxFile;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxReader;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.Request;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** What can go wrong with the store while an open connection reads. */
final class StoreErrors {

  private StoreErrors() {}

  static Map<String, Scenario> all() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("busy", scene -> read(scene, new Fault.Status(503, "SlowDown")));
    all.put("no-answer", scene -> read(scene, new Fault.Delay(Duration.ofSeconds(2))));
    all.put("no-connection", scene -> read(scene, new Fault.Reset()));
    all.put("place-gone", scene -> read(scene, new Fault.Status(404, "NoSuchBucket")));
    all.put("no-permission-to-read", scene -> read(scene, new Fault.Status(403, "AccessDenied")));
    all.put("stale", StoreErrors::stale);
    all.put(
        "travel-without-store",
        scene -> down(scene, "PRAGMA litestream_time = '2001-01-01T00:00:00Z'"));
    all.put("history-without-store", scene -> down(scene, "SELECT * FROM litestream_history"));
    all.put("refresh-without-store", scene -> Litestream.refresh(down(scene)));
    all.put(
        "attach-without-store",
        scene -> {
          Connection db = down(scene);
          String place = scene.place("other-bucket").substring("jdbc:litestream:".length());
          ErrorScene.run(
              db,
              "ATTACH '"
                  + Sql.name(place, "open_timeout=1ms", "request_timeout=500ms")
                  + "' AS other");
        });
    all.put("state-removed", StoreErrors::removed);
    all.put("replica-reset", StoreErrors::reset);
    all.put("damaged", StoreErrors::damaged);
    all.put("no-memory", StoreErrors::withoutMemory);
    return all;
  }

  private static void read(ErrorScene scene, Fault fault) throws Exception {
    Connection db = scene.s3Connection();
    scene.faults(Request.Kind.GET, fault);
    ErrorScene.run(db, ErrorScene.READ_ALL);
  }

  /** A connection whose store has gone. */
  private static Connection down(ErrorScene scene) throws Exception {
    Connection db = scene.s3Connection();
    scene.faults(request -> true, new Fault.Status(503, "SlowDown"));
    return db;
  }

  private static void down(ErrorScene scene, String sql) throws Exception {
    ErrorScene.run(down(scene), sql);
  }

  /** A store of the application's own, for which the heap is too small. */
  private static void withoutMemory(ErrorScene scene) throws Exception {
    ReplicaStore files = new FileStore(new FileUrl(scene.large().replica()));
    AtomicBoolean full = new AtomicBoolean();
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (full.get() && method.getName().equals("read")) {
            throw new OutOfMemoryError("Java heap space");
          }
          try {
            return method.invoke(files, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    Class<?>[] types = {ReplicaStore.class};
    ReplicaStore store =
        (ReplicaStore) Proxy.newProxyInstance(types[0].getClassLoader(), types, handler);
    LitestreamConfig config = LitestreamConfig.builder().source(() -> store).build();
    Connection db = scene.closing(new LitestreamDataSource(config).getConnection());
    full.set(true);
    ErrorScene.run(db, ErrorScene.READ_ALL);
  }

  private static void stale(ErrorScene scene) throws Exception {
    Connection db = scene.s3Connection("max_stale=1ms");
    scene.faults(request -> true, new Fault.Status(503, "SlowDown"));
    Thread.sleep(10);
    ErrorScene.run(db, "SELECT count(*) FROM sqlite_schema");
  }

  private static Connection inTransaction(ErrorScene scene) throws Exception {
    Connection db = scene.s3Connection();
    db.setAutoCommit(false);
    assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE n < 3")).isEqualTo("2");
    return db;
  }

  /** The replica is followed while retention takes what a transaction reads. */
  private static void removed(ErrorScene scene) throws Exception {
    Connection db = inTransaction(scene);
    SqlitePrimary primary = scene.large();
    primary.run("DELETE FROM t WHERE n % 2 = 0");
    scene.mirror();
    Litestream.refresh(db);
    primary.snapshot();
    primary.retain(LtxKey.SNAPSHOTS, 2);
    scene.mirror();
    ErrorScene.run(db, ErrorScene.READ_ALL);
  }

  private static void reset(ErrorScene scene) throws Exception {
    Connection db = inTransaction(scene);
    SqlitePrimary primary = scene.large();
    primary.reset(4096);
    primary.run("CREATE TABLE t(n INTEGER PRIMARY KEY, x)");
    scene.mirror();
    ErrorScene.run(db, ErrorScene.READ_ALL);
  }

  /** The frame of a page is that of another one. */
  private static void damaged(ErrorScene scene) throws Exception {
    Path file = scene.large().path(new LtxKey(LtxKey.SNAPSHOTS, 1, 2));
    byte[] bytes = Files.readAllBytes(file);
    LtxFile.Frame frame = LtxReader.decode(bytes).frames().get(100);
    ByteBuffer.wrap(bytes).putInt(frame.offset(), 77);
    Files.write(file, bytes);
    scene.mirror();
    ErrorScene.run(scene.s3Connection(), ErrorScene.READ_ALL);
  }
}

package io.litestream.jdbc;

import io.litestream.jdbc.internal.config.JdbcUrl;
import io.litestream.jdbc.internal.config.OpenConfigs;
import io.litestream.jdbc.internal.config.Parameter;
import io.litestream.jdbc.internal.config.Registry;
import io.litestream.jdbc.internal.config.ReplicaConfig;
import io.litestream.jdbc.internal.config.Settings;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.jdbc.ErrorKind;
import io.litestream.jdbc.internal.jdbc.LitestreamConnection;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.jdbc.internal.store.ReplicaUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** From a configuration to an open connection. */
final class Connector {

  private static final int MAX_LABEL = 64;

  /** What every URI's name and the metadata's URL end in. */
  private static final String VFS = "?vfs=" + ReplicaConfig.VFS;

  private static final AtomicLong SHARED = new AtomicLong();

  private Connector() {}

  static Connection open(Supplier<LitestreamConfig> config) throws SQLException {
    Settings settings;
    ReplicaConfig replica;
    try {
      settings = Registry.resolve(config.get().settings());
      replica = ReplicaConfig.of(label(settings), settings, System::getenv);
    } catch (IllegalArgumentException e) {
      throw ErrorKind.CANNOT_OPEN.exception(String.valueOf(e.getMessage()), SqliteCode.CANTOPEN, e);
    }
    // Loading takes as long as listing: the store works meanwhile.
    Runnable opened = Litestream.loaded() ? () -> {} : Replicas.expect(replica);
    try {
      Litestream.loadOnce();
      return open(settings, replica);
    } finally {
      opened.run();
    }
  }

  private static Connection open(Settings settings, ReplicaConfig replica) throws SQLException {
    String id = OpenConfigs.add(replica);
    try {
      return LitestreamConnection.open(
          "jdbc:sqlite:file:" + label(settings) + VFS,
          fileName(settings, id),
          properties(settings),
          "keep".equals(settings.get(Parameter.SESSION_TIME)));
    } finally {
      OpenConfigs.remove(id);
    }
  }

  private static String fileName(Settings settings, String id) {
    String name = label(settings);
    if ("shared".equals(settings.sqlite().get("cache"))
        || Boolean.parseBoolean(settings.sqlite().get("shared_cache"))) {
      // SQLite would take two replicas of one name for one database.
      name += "-" + SHARED.incrementAndGet();
    }
    StringBuilder uri = new StringBuilder("file:" + name + VFS + "&" + OpenConfigs.KEY + "=" + id);
    settings
        .sqlite()
        .forEach(
            (key, value) -> {
              if (!key.equals("vfs") && ReplicaConfig.isUriName(key)) {
                uri.append('&').append(key).append('=').append(JdbcUrl.encode(value));
              }
            });
    return uri.toString();
  }

  private static Properties properties(Settings settings) {
    Properties properties = new Properties();
    for (Map.Entry<String, String> entry : settings.sqlite().entrySet()) {
      if (!ReplicaConfig.isUriName(entry.getKey())) {
        properties.setProperty(entry.getKey(), entry.getValue());
      }
    }
    return properties;
  }

  /** What names the replica, as a name that needs no escapes anywhere. */
  private static String label(Settings settings) {
    String name = settings.get(Parameter.REPLICA);
    String url = settings.get(Parameter.REPLICA_URL);
    String text = name != null ? name : url != null ? place(url) : "";
    String[] segments = text.split("[/\\\\]+");
    String last = segments.length == 0 ? "" : segments[segments.length - 1];
    String safe = last.replaceAll("%[0-9A-Fa-f]{2}|[^A-Za-z0-9._-]", "_");
    return safe.isEmpty() ? "replica" : safe.substring(0, Math.min(safe.length(), MAX_LABEL));
  }

  /** A replica URL without its query; in a path a question mark is nothing special. */
  private static String place(String url) {
    int mark = ReplicaUrl.isPlainPath(url) ? -1 : url.indexOf('?');
    return mark < 0 ? url : url.substring(0, mark);
  }
}

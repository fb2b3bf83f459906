package io.litestream.jdbc.internal.config;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every parameter that the URI of a litestream database may have: the one table of them. */
enum Parameter {
  REPLICA_URL("replica_url", Use.OURS),
  POLL_INTERVAL("poll_interval", Use.OURS),
  CACHE_BYTES("cache_bytes", Use.OURS),
  CACHE_SIZE("cache_size", Use.OURS),
  OPEN_TIMEOUT("open_timeout", Use.OURS),
  REQUEST_TIMEOUT("request_timeout", Use.OURS),
  WRITE_ENABLED("write_enabled", Use.OURS),

  SYNC_INTERVAL("sync_interval", Use.WITHOUT_EFFECT),
  BUFFER_PATH("buffer_path", Use.WITHOUT_EFFECT),
  HYDRATION_ENABLED("hydration_enabled", Use.WITHOUT_EFFECT),
  HYDRATION_PATH("hydration_path", Use.WITHOUT_EFFECT),

  VFS("vfs", Use.SQLITE),
  MODE("mode", Use.SQLITE),
  CACHE("cache", Use.SQLITE),
  IMMUTABLE("immutable", Use.SQLITE),
  NOLOCK("nolock", Use.SQLITE),
  PSOW("psow", Use.SQLITE),
  MODEOF("modeof", Use.SQLITE);

  /** Who reads a parameter. */
  enum Use {
    OURS,
    /** A name of Litestream's own extension for what there is no need of here. */
    WITHOUT_EFFECT,
    /** SQLite itself. */
    SQLITE
  }

  private final String key;
  private final Use use;

  Parameter(String key, Use use) {
    this.key = key;
    this.use = use;
  }

  String key() {
    return key;
  }

  Use use() {
    return use;
  }

  /** The parameter of that name, or null. */
  static @Nullable Parameter find(String key) {
    return Arrays.stream(values()).filter(p -> p.key.equals(key)).findFirst().orElse(null);
  }

  static List<String> keys() {
    return Arrays.stream(values()).map(Parameter::key).toList();
  }
}

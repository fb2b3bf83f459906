package io.litestream.jdbc.internal.config;

import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The configurations of connections that are being opened by the driver: the URI that SQLite sees
 * has only a number, so that no secret gets where SQLite and sqlite-jdbc show URIs. Thread-safe.
 */
public final class OpenConfigs {

  /** The parameter with the number. */
  public static final String KEY = "litestream_config";

  private static final Map<String, ReplicaConfig> CONFIGS = new ConcurrentHashMap<>();

  /** Not to be guessed by the SQL of another connection. */
  private static final SecureRandom RANDOM = new SecureRandom();

  private OpenConfigs() {}

  /** Keeps a configuration until {@link #remove}. Returns its number. */
  public static String add(ReplicaConfig config) {
    String id = Long.toUnsignedString(RANDOM.nextLong());
    CONFIGS.put(id, config);
    return id;
  }

  public static void remove(String id) {
    CONFIGS.remove(id);
  }

  static ReplicaConfig get(String id) {
    ReplicaConfig config = CONFIGS.get(id);
    if (config == null) {
      throw new IllegalArgumentException(
          KEY + " is for this library's own use; leave it out and add replica_url=... to the URI");
    }
    return config;
  }
}

package io.litestream.jdbc.internal.config;

import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Replicas that the application has given a name. Thread-safe. */
public final class Registry {

  private static final Map<String, Settings> REPLICAS = new ConcurrentHashMap<>();

  private Registry() {}

  /**
   * Gives a replica a name.
   *
   * @throws IllegalArgumentException when another one has it
   */
  public static void register(String name, Settings settings) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the name of a registered replica is empty; give one");
    }
    if (settings.get(Parameter.REPLICA) != null) {
      throw new IllegalArgumentException(
          "the configuration to register names another registered replica; give a URL or a source");
    }
    Settings before = REPLICAS.putIfAbsent(name, settings);
    if (before != null && !before.equals(settings)) {
      throw new IllegalArgumentException(
          "another replica is registered as " + name + "; unregister it first");
    }
  }

  /** Takes a name away. Returns whether there was one; open connections stay open. */
  public static boolean unregister(String name) {
    return REPLICAS.remove(name) != null;
  }

  /** The settings with those of the registered replica that they name. */
  public static Settings resolve(Settings settings) {
    String name = settings.get(Parameter.REPLICA);
    if (name == null) {
      return settings;
    }
    if (settings.get(Parameter.REPLICA_URL) != null || settings.source() != null) {
      throw new IllegalArgumentException(
          "replica and "
              + (settings.source() == null ? "replica_url" : "a source")
              + " are both given; leave one out");
    }
    Settings registered = REPLICAS.get(name);
    if (registered == null) {
      throw new IllegalArgumentException(
          "no replica is registered as "
              + name
              + "; call Litestream.register first (registered: "
              + new TreeSet<>(REPLICAS.keySet())
              + ")");
    }
    return settings.over(registered);
  }
}

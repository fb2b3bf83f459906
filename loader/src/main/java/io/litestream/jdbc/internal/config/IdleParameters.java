package io.litestream.jdbc.internal.config;

import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Parameters that Litestream's own VFS has and this one does not need. Warns of each once, not at
 * each connection of a pool. Thread-safe.
 */
final class IdleParameters {

  private static final System.Logger LOG = System.getLogger("io.litestream.jdbc");

  private static final String WRITES = "replicas are read-only here, so there is nothing to sync";
  private static final String COPIES =
      "no local copy is made; pages that were read stay in memory, as many as cache_bytes allows";

  private static final Map<Parameter, String> WHY =
      Map.of(
          Parameter.SYNC_INTERVAL, WRITES,
          Parameter.BUFFER_PATH, WRITES,
          Parameter.HYDRATION_PATH, COPIES);

  private final Set<Parameter> warned = ConcurrentHashMap.newKeySet();

  void warn(Settings settings) {
    WHY.forEach(
        (parameter, why) -> {
          if (settings.get(parameter) != null && warned.add(parameter)) {
            LOG.log(Level.WARNING, "{0} has no effect: {1}", parameter.key(), why);
          }
        });
  }
}

package io.litestream.jdbc.internal.config;

import io.litestream.jdbc.internal.config.Parameter.Use;
import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.UrlText;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How to open one replica. Immutable; {@code toString} shows no secret.
 *
 * @param url where it is, and the key under which connections of this process share it
 * @param pollInterval the time between two looks at the store, 1 ms to 24 h
 * @param cacheBytes the budget of the page cache that all replicas of the process share; empty to
 *     leave it as it is
 * @param openTimeout the longest wait for a first state
 * @param requestTimeout the longest wait for one answer of the store, retries included
 */
public record ReplicaConfig(
    ReplicaUrl url,
    Duration pollInterval,
    OptionalLong cacheBytes,
    Duration openTimeout,
    Duration requestTimeout) {

  /** The VFS that a URI names to get here. */
  public static final String VFS = "litestream";

  private static final String URL_VARIABLE = "LITESTREAM_REPLICA_URL";
  private static final Duration DEFAULT_POLL_INTERVAL = Duration.ofSeconds(1);
  private static final Duration DEFAULT_OPEN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final System.Logger LOG = System.getLogger(ReplicaConfig.class.getName());

  /**
   * Reads the URI of a database as SQLite has split it.
   *
   * @param name the database's name; a label, shown in messages only
   * @param parameters percent-decoded
   * @param env looks up environment variables
   * @throws IllegalArgumentException naming the parameter, what was found, and what is accepted
   */
  public static ReplicaConfig parse(
      String name, Map<String, String> parameters, Function<String, @Nullable String> env) {
    Map<Parameter, String> values = sort(parameters);
    ReplicaUrl url = ReplicaUrl.parse(replicaUrl(name, values, env), env);
    String writing = values.get(Parameter.WRITE_ENABLED);
    if (writing != null && Values.truth(Parameter.WRITE_ENABLED, writing)) {
      throw new IllegalArgumentException(
          "write_enabled=" + writing + ": replicas are read-only here; leave write_enabled out");
    }
    return new ReplicaConfig(
        url,
        duration(values, Parameter.POLL_INTERVAL, DEFAULT_POLL_INTERVAL),
        cacheBytes(values),
        duration(values, Parameter.OPEN_TIMEOUT, DEFAULT_OPEN_TIMEOUT),
        duration(values, Parameter.REQUEST_TIMEOUT, DEFAULT_REQUEST_TIMEOUT));
  }

  private static Map<Parameter, String> sort(Map<String, String> parameters) {
    Map<Parameter, String> values = new EnumMap<>(Parameter.class);
    List<String> idle = new ArrayList<>();
    parameters.forEach(
        (key, value) -> {
          Parameter parameter = Parameter.find(key);
          if (parameter == null) {
            throw new IllegalArgumentException(
                "unknown parameter "
                    + key
                    + UrlText.didYouMean(key, Parameter.keys())
                    + " (encode ? and & inside replica_url as %3F and %26)");
          }
          values.put(parameter, value);
          if (parameter.use() == Use.WITHOUT_EFFECT) {
            idle.add(key);
          }
        });
    if (!idle.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "{0}: no effect here, pages are read as they are needed",
          String.join(", ", idle));
    }
    return values;
  }

  private static String replicaUrl(
      String name, Map<Parameter, String> values, Function<String, @Nullable String> env) {
    String url = values.get(Parameter.REPLICA_URL);
    if (url != null && !url.isBlank()) {
      return url;
    }
    boolean asked = VFS.equals(values.get(Parameter.VFS));
    String variable = asked ? env.apply(URL_VARIABLE) : null;
    if (variable != null && !variable.isBlank()) {
      return variable;
    }
    throw new IllegalArgumentException(
        asked
            ? "no replica is set for "
                + name
                + "; add replica_url=... to the URI (percent-encoded) or set "
                + URL_VARIABLE
            : name
                + " is opened through the VFS "
                + VFS
                + " but names no replica; write file:"
                + name
                + "?vfs=unix (on Windows ?vfs=win32) for a local file, or ?vfs="
                + VFS
                + "&replica_url=... for a replica");
  }

  private static Duration duration(
      Map<Parameter, String> values, Parameter parameter, Duration otherwise) {
    String value = values.get(parameter);
    return value == null ? otherwise : Values.duration(parameter, value);
  }

  /** {@code cache_size} is Litestream's name, which sqlite-jdbc takes for SQLite's PRAGMA. */
  private static OptionalLong cacheBytes(Map<Parameter, String> values) {
    OptionalLong bytes = bytes(values, Parameter.CACHE_BYTES);
    OptionalLong size = bytes(values, Parameter.CACHE_SIZE);
    if (bytes.isPresent() && size.isPresent() && !bytes.equals(size)) {
      throw new IllegalArgumentException(
          "cache_bytes and cache_size are the same setting; leave one out");
    }
    return bytes.isPresent() ? bytes : size;
  }

  private static OptionalLong bytes(Map<Parameter, String> values, Parameter parameter) {
    String value = values.get(parameter);
    return value == null ? OptionalLong.empty() : OptionalLong.of(Values.bytes(parameter, value));
  }
}

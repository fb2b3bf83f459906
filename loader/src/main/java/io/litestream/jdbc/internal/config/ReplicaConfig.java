package io.litestream.jdbc.internal.config;

import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.S3Parameter;
import io.litestream.jdbc.internal.store.SourceUrl;
import io.litestream.jdbc.internal.time.TimeExpression;
import io.litestream.jdbc.store.ReplicaSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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
 * @param target the state to show from the start; empty to follow the primary
 * @param maxStale how long ago the last successful look at the store may be for reads to go on;
 *     empty for ever
 * @param hydration whether all pages are brought into the page cache in the background, where they
 *     fit: at once, or never; empty for once it is in use
 * @param hedging whether a range whose answer is late is asked for once more
 */
public record ReplicaConfig(
    ReplicaUrl url,
    Duration pollInterval,
    OptionalLong cacheBytes,
    Duration openTimeout,
    Duration requestTimeout,
    Optional<Target> target,
    Optional<Duration> maxStale,
    Optional<Boolean> hydration,
    boolean hedging) {

  /** The VFS that a URI names to get here. */
  public static final String VFS = "litestream";

  private static final String URL_VARIABLE = "LITESTREAM_REPLICA_URL";
  private static final IdleParameters IDLE = new IdleParameters();

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
    String id = parameters.get(OpenConfigs.KEY);
    if (id != null) {
      return OpenConfigs.get(id);
    }
    Map<String, String> ours = new LinkedHashMap<>(parameters);
    ours.keySet().removeIf(SqliteNames::inUri);
    Settings settings = new Settings.Builder().addAll(ours, "the URI of " + name).build();
    if (!settings.sqlite().isEmpty()) {
      throw new IllegalArgumentException(
          settings.sqlite().keySet().iterator().next()
              + " is a parameter of jdbc:litestream: URLs only; leave it out of the URI of "
              + name);
    }
    boolean asked = VFS.equals(parameters.get("vfs"));
    return of(name, Registry.resolve(settings), env, asked);
  }

  /**
   * From settings in which no registered name is left to be looked up.
   *
   * @param name as for {@link #parse}
   */
  public static ReplicaConfig of(
      String name, Settings settings, Function<String, @Nullable String> env) {
    return of(name, settings, env, true);
  }

  private static ReplicaConfig of(
      String name, Settings settings, Function<String, @Nullable String> env, boolean asked) {
    String writing = settings.get(Parameter.WRITE_ENABLED);
    if (writing != null && Values.truth(Parameter.WRITE_ENABLED, writing)) {
      throw new IllegalArgumentException(
          "write_enabled=" + writing + ": replicas are read-only here; leave write_enabled out");
    }
    ReplicaConfig config =
        new ReplicaConfig(
            url(name, settings, env, asked),
            duration(settings, Parameter.POLL_INTERVAL),
            cacheBytes(settings),
            duration(settings, Parameter.OPEN_TIMEOUT),
            duration(settings, Parameter.REQUEST_TIMEOUT),
            target(settings),
            Optional.ofNullable(settings.get(Parameter.MAX_STALE))
                .map(age -> Values.duration(Parameter.MAX_STALE, age)),
            Optional.ofNullable(settings.get(Parameter.HYDRATION_ENABLED))
                .map(value -> Values.truth(Parameter.HYDRATION_ENABLED, value)),
            hedging(settings));
    IDLE.warn(settings);
    return config;
  }

  private static boolean hedging(Settings settings) {
    String value = settings.get(Parameter.HEDGING);
    return value == null || Values.truth(Parameter.HEDGING, value);
  }

  /** Whether SQLite reads the parameter from the URI, and not sqlite-jdbc from its properties. */
  public static boolean isUriName(String key) {
    return SqliteNames.inUri(key);
  }

  private static ReplicaUrl url(
      String name, Settings settings, Function<String, @Nullable String> env, boolean asked) {
    ReplicaSource source = settings.source();
    Map<S3Parameter, String> s3 = settings.s3();
    if (source == null) {
      return ReplicaUrl.parse(place(name, settings, env, asked), s3, env);
    }
    if (settings.get(Parameter.REPLICA_URL) != null || !s3.isEmpty()) {
      throw new IllegalArgumentException(
          (s3.isEmpty() ? "replica_url" : s3.keySet().iterator().next().key())
              + " is given together with a source, which knows its own place; leave it out");
    }
    return new SourceUrl(source);
  }

  private static String place(
      String name, Settings settings, Function<String, @Nullable String> env, boolean asked) {
    String url = settings.get(Parameter.REPLICA_URL);
    if (url != null && !url.isBlank()) {
      return url;
    }
    String variable = asked ? env.apply(URL_VARIABLE) : null;
    if (variable != null && !variable.isBlank()) {
      return variable;
    }
    throw new IllegalArgumentException(
        asked
            ? "no replica is set for "
                + name
                + "; add replica_url=... to the URI (percent-encoded), write"
                + " jdbc:litestream:s3://bucket/path, or set "
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

  private static Duration duration(Settings settings, Parameter parameter) {
    String value = settings.get(parameter);
    return Values.duration(parameter, value == null ? parameter.standard() : value);
  }

  private static Optional<Target> target(Settings settings) {
    String time = settings.get(Parameter.TIME);
    String txid = settings.get(Parameter.TXID);
    if (time != null && txid != null) {
      throw new IllegalArgumentException(
          "time and txid are both given, and each names a state; leave one out");
    }
    if (txid != null) {
      return Optional.of(new Target(Target.Kind.TXID, txid));
    }
    return time == null || TimeExpression.isLatest(time)
        ? Optional.empty()
        : Optional.of(new Target(Target.Kind.TIME, time));
  }

  /** {@code cache_size} is Litestream's name, which sqlite-jdbc takes for SQLite's PRAGMA. */
  private static OptionalLong cacheBytes(Settings settings) {
    OptionalLong bytes = bytes(settings, Parameter.CACHE_BYTES);
    OptionalLong size = bytes(settings, Parameter.CACHE_SIZE);
    if (bytes.isPresent() && size.isPresent() && !bytes.equals(size)) {
      throw new IllegalArgumentException(
          "cache_bytes and cache_size are the same setting; leave one out");
    }
    return bytes.isPresent() ? bytes : size;
  }

  private static OptionalLong bytes(Settings settings, Parameter parameter) {
    String value = settings.get(parameter);
    return value == null ? OptionalLong.empty() : OptionalLong.of(Values.bytes(parameter, value));
  }
}

package io.litestream.jdbc;

import io.litestream.jdbc.internal.config.JdbcUrl;
import io.litestream.jdbc.internal.config.Parameter;
import io.litestream.jdbc.internal.config.Registry;
import io.litestream.jdbc.internal.config.ReplicaConfig;
import io.litestream.jdbc.internal.config.Settings;
import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.UrlText;
import io.litestream.jdbc.store.ReplicaSource;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where a replica is and how to read it. Immutable; two with equal settings are equal; {@code
 * toString} shows no secret.
 */
public final class LitestreamConfig {

  private final Settings settings;

  private LitestreamConfig(Settings settings) {
    this.settings = settings;
  }

  Settings settings() {
    return settings;
  }

  Builder toBuilder() {
    return new Builder(settings);
  }

  /** Starts with the defaults of README's table. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * What a {@code jdbc:litestream:} URL and its properties say.
   *
   * @param url a URL that the driver accepts
   * @param properties parameters too; {@code user} and {@code password} are the S3 key and its
   *     secret, and count as not given when they are blank
   * @throws IllegalArgumentException naming the parameter, what was found and what is accepted
   */
  public static LitestreamConfig parse(String url, Properties properties) {
    Builder builder = new Builder();
    builder.url(url);
    builder.properties(properties);
    return builder.build();
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof LitestreamConfig other && settings.equals(other.settings);
  }

  @Override
  public int hashCode() {
    return settings.hashCode();
  }

  @Override
  public String toString() {
    return "LitestreamConfig" + settings;
  }

  /** Collects settings. Not thread-safe. Every setter throws when its value is not accepted. */
  public static final class Builder {

    private static final String HERE = "the configuration";

    /** The longest time that {@code open_timeout} accepts. */
    private static final int MAX_SECONDS = 86_400;

    private final Settings.Builder settings = new Settings.Builder();

    private Builder() {}

    private Builder(Settings start) {
      settings.addAll(start, HERE);
    }

    /**
     * Where the replica is.
     *
     * @param url {@code jdbc:litestream:...} with its parameters, or a replica URL or path alone
     */
    public Builder url(String url) {
      if (!JdbcUrl.accepts(url)) {
        return property("replica_url", url);
      }
      JdbcUrl parsed = JdbcUrl.parse(url);
      String location = parsed.location();
      if (!location.isEmpty()) {
        // A replica URL has its own escapes; in a path of a JDBC URL they are the JDBC URL's.
        settings.add(
            Parameter.REPLICA_URL,
            ReplicaUrl.isPlainPath(location)
                ? UrlText.decode(location, "the location in the jdbc:litestream: URL")
                : location,
            "the location");
      }
      settings.addAll(parsed.parameters(), "the URL");
      return this;
    }

    /** The replica is read from a store of the application's own, and has no URL. */
    public Builder source(ReplicaSource source) {
      settings.source(source);
      return this;
    }

    /** Shows the newest state strictly before that instant. */
    public Builder time(Instant time) {
      return property("time", time.toString());
    }

    /** Shows the newest state strictly before a time as in docs/time-expressions.md. */
    public Builder time(String time) {
      return property("time", time);
    }

    /** Shows exactly the state of that TXID, in hex. */
    public Builder txid(String txid) {
      return property("txid", txid);
    }

    public Builder pollInterval(Duration interval) {
      return property("poll_interval", interval.toString());
    }

    public Builder openTimeout(Duration timeout) {
      return property("open_timeout", timeout.toString());
    }

    public Builder requestTimeout(Duration timeout) {
      return property("request_timeout", timeout.toString());
    }

    /** How long ago the last successful look at the store may be for reads to go on. */
    public Builder maxStale(Duration age) {
      return property("max_stale", age.toString());
    }

    public Builder cacheBytes(long bytes) {
      return property("cache_bytes", Long.toString(bytes));
    }

    public Builder endpoint(String endpoint) {
      return property("endpoint", endpoint);
    }

    public Builder region(String region) {
      return property("region", region);
    }

    /** An S3 key and its secret. */
    public Builder credentials(String accessKeyId, String secretAccessKey) {
      return property("access_key_id", accessKeyId).property("secret_access_key", secretAccessKey);
    }

    /**
     * Any parameter of README's table, or of sqlite-jdbc.
     *
     * @param name in snake_case, kebab-case or camelCase
     */
    public Builder property(String name, String value) {
      settings.add(name, value, HERE);
      return this;
    }

    private void properties(Properties properties) {
      Map<String, String> given = new LinkedHashMap<>();
      for (String name : properties.stringPropertyNames()) {
        given.put(name, properties.getProperty(name));
      }
      properties.forEach(
          (name, value) -> {
            if (value instanceof Number || value instanceof Boolean || value instanceof Duration) {
              given.put(String.valueOf(name), value.toString());
            } else if (!(name instanceof String) || !(value instanceof String)) {
              throw new IllegalArgumentException(
                  "the Properties have a name or value that is not text; use setProperty");
            }
          });
      login(given.remove("user"), given.remove("password"));
      given.forEach((name, value) -> settings.add(name, value, "the Properties"));
    }

    /** Pools and frameworks give blank ones where there are none. */
    void login(@Nullable String user, @Nullable String password) {
      if (user != null && !user.isBlank()) {
        settings.add(Parameter.ACCESS_KEY_ID, user, "user");
      }
      if (password != null && !password.isBlank()) {
        settings.add(Parameter.SECRET_ACCESS_KEY, password, "password");
      }
    }

    /** What a pool is ready to wait, unless the user has said it. */
    void defaultOpenTimeout(int seconds) {
      if (seconds > 0 && !settings.has(Parameter.OPEN_TIMEOUT)) {
        settings.add(Parameter.OPEN_TIMEOUT, Math.min(seconds, MAX_SECONDS) + "s", HERE);
      }
    }

    /**
     * The configuration, checked as a whole but for what is registered or in the environment only
     * when a connection is opened.
     *
     * @throws IllegalArgumentException when settings contradict each other
     */
    public LitestreamConfig build() {
      Settings built = settings.build();
      if (built.get(Parameter.REPLICA_URL) != null || built.source() != null) {
        ReplicaConfig.of("the configuration", Registry.resolve(built), System::getenv);
      }
      return new LitestreamConfig(built);
    }

    /** A data source with this configuration. */
    public LitestreamDataSource buildDataSource() {
      return new LitestreamDataSource(build());
    }
  }
}

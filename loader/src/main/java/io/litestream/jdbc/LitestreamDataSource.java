package io.litestream.jdbc;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to one replica: as a bean, with one setter for each parameter of README's
 * table, whose values are text as in a URL; or from {@link #builder}. Does not pool.
 *
 * <p>Thread-safe. Values are checked when a connection is opened.
 */
public final class LitestreamDataSource implements DataSource {

  private final @Nullable LitestreamConfig config;
  private final Map<String, String> properties = new TreeMap<>(); // guarded by this
  private @Nullable String url; // guarded by this
  private int loginTimeout; // guarded by this
  private @Nullable PrintWriter logWriter; // guarded by this

  /** For the setters. */
  public LitestreamDataSource() {
    this.config = null;
  }

  /** With a configuration that the setters do not change. */
  public LitestreamDataSource(LitestreamConfig config) {
    this.config = config;
  }

  /** Ends in {@code buildDataSource()}. */
  public static LitestreamConfig.Builder builder() {
    return LitestreamConfig.builder();
  }

  @Override
  public Connection getConnection() throws SQLException {
    return getConnection(null, null);
  }

  /** With an S3 key and its secret; blank ones count as not given. */
  @Override
  public Connection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    return Connector.open(() -> config(user, password));
  }

  private synchronized LitestreamConfig config(@Nullable String user, @Nullable String password) {
    LitestreamConfig.Builder builder =
        config == null ? LitestreamConfig.builder() : config.toBuilder();
    if (url != null) {
      builder.url(url);
    }
    properties.forEach(builder::property);
    builder.login(user, password);
    builder.defaultOpenTimeout(loginTimeout);
    return builder.build();
  }

  /** The settings without secrets. */
  @Override
  public String toString() {
    try {
      return "LitestreamDataSource" + config(null, null).settings();
    } catch (IllegalArgumentException e) {
      return "LitestreamDataSource[" + e.getMessage() + "]";
    }
  }

  private synchronized void set(String key, String value) {
    if (config != null) {
      throw new IllegalStateException(
          "this data source was made with a configuration; set " + key + " there");
    }
    properties.put(key, value);
  }

  /** Where the replica is: {@code jdbc:litestream:...}, or a replica URL or path alone. */
  public synchronized void setUrl(String url) {
    if (config != null) {
      throw new IllegalStateException(
          "this data source was made with a configuration; set the URL there");
    }
    this.url = url;
  }

  /** Where the replica is: a replica URL or path. */
  public void setReplicaUrl(String value) {
    set("replica_url", value);
  }

  public void setReplica(String value) {
    set("replica", value);
  }

  public void setTime(String value) {
    set("time", value);
  }

  public void setTxid(String value) {
    set("txid", value);
  }

  public void setPollInterval(String value) {
    set("poll_interval", value);
  }

  public void setOpenTimeout(String value) {
    set("open_timeout", value);
  }

  public void setRequestTimeout(String value) {
    set("request_timeout", value);
  }

  public void setMaxStale(String value) {
    set("max_stale", value);
  }

  public void setSessionTime(String value) {
    set("session_time", value);
  }

  public void setCacheBytes(String value) {
    set("cache_bytes", value);
  }

  public void setCacheSize(String value) {
    set("cache_size", value);
  }

  public void setEndpoint(String value) {
    set("endpoint", value);
  }

  public void setRegion(String value) {
    set("region", value);
  }

  public void setForcePathStyle(String value) {
    set("force_path_style", value);
  }

  public void setSkipVerify(String value) {
    set("skip_verify", value);
  }

  public void setAccessKeyId(String value) {
    set("access_key_id", value);
  }

  public void setSecretAccessKey(String value) {
    set("secret_access_key", value);
  }

  public void setSessionToken(String value) {
    set("session_token", value);
  }

  public void setProfile(String value) {
    set("profile", value);
  }

  public void setSseCustomerAlgorithm(String value) {
    set("sse_customer_algorithm", value);
  }

  public void setSseCustomerKey(String value) {
    set("sse_customer_key", value);
  }

  public void setSseCustomerKeyMd5(String value) {
    set("sse_customer_key_md5", value);
  }

  public void setSignPayload(String value) {
    set("sign_payload", value);
  }

  public void setRequireContentMd5(String value) {
    set("require_content_md5", value);
  }

  public void setConcurrency(String value) {
    set("concurrency", value);
  }

  public void setPartSize(String value) {
    set("part_size", value);
  }

  public void setStorageClass(String value) {
    set("storage_class", value);
  }

  public void setSseKmsKeyId(String value) {
    set("sse_kms_key_id", value);
  }

  public void setWriteEnabled(String value) {
    set("write_enabled", value);
  }

  public void setSyncInterval(String value) {
    set("sync_interval", value);
  }

  public void setBufferPath(String value) {
    set("buffer_path", value);
  }

  public void setHedging(String value) {
    set("hedging", value);
  }

  public void setHydrationEnabled(String value) {
    set("hydration_enabled", value);
  }

  public void setHydrationPath(String value) {
    set("hydration_path", value);
  }

  /**
   * The longest wait for a first state, where {@code open_timeout} does not say it.
   *
   * @param seconds 0 for the default
   */
  @Override
  public synchronized void setLoginTimeout(int seconds) {
    loginTimeout = seconds;
  }

  @Override
  public synchronized int getLoginTimeout() {
    return loginTimeout;
  }

  /** Nothing is written to it: this library logs through {@code System.Logger}. */
  @Override
  public synchronized void setLogWriter(@Nullable PrintWriter out) {
    logWriter = out;
  }

  @Override
  public synchronized @Nullable PrintWriter getLogWriter() {
    return logWriter;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("litestream-jdbc logs through System.Logger");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException("a LitestreamDataSource is no " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}

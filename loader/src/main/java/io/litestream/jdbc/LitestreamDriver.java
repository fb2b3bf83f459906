package io.litestream.jdbc;

import io.litestream.jdbc.internal.config.JdbcUrl;
import io.litestream.jdbc.internal.ffi.Version;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@code jdbc:litestream:LOCATION?name=value&...}, where the location is a replica's URL or
 * path. Loads the VFS by itself. {@code DriverManager} finds it; it need not be named.
 * Deregistering it, as servlet containers do, closes the replicas that have no connection, and the
 * others with their last one.
 *
 * <p>Thread-safe.
 */
public final class LitestreamDriver implements Driver {

  static {
    try {
      DriverManager.registerDriver(new LitestreamDriver(), Litestream::end);
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** A connection to the replica, or null when the URL is another driver's. */
  @Override
  public @Nullable Connection connect(@Nullable String url, @Nullable Properties info)
      throws SQLException {
    if (url == null || !JdbcUrl.accepts(url)) {
      return null;
    }
    Properties properties = info == null ? new Properties() : info;
    return Connector.open(() -> LitestreamConfig.parse(url, properties));
  }

  @Override
  public boolean acceptsURL(@Nullable String url) {
    return JdbcUrl.accepts(url);
  }

  /**
   * All parameters, sqlite-jdbc's included, with the values that are set; secret values are left
   * out. Never throws: what is wrong, {@link #connect} says.
   */
  @Override
  public DriverPropertyInfo[] getPropertyInfo(@Nullable String url, @Nullable Properties info) {
    return PropertyInfo.of(url, info == null ? new Properties() : info);
  }

  @Override
  public int getMajorVersion() {
    return Version.number(0);
  }

  @Override
  public int getMinorVersion() {
    return Version.number(1);
  }

  /** False: SQLite's SQL is not the whole of SQL 92. */
  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  /** There is none: this library logs through {@code System.Logger}. */
  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("litestream-jdbc logs through System.Logger");
  }
}

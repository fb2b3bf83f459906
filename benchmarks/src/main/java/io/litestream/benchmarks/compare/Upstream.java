package io.litestream.benchmarks.compare;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Litestream's own extension. It takes its replica from the environment of the process, and every
 * connection reads for itself. After it is loaded no ordinary database opens in the process.
 */
final class Upstream implements Contender {

  private static final String ENTRY_POINT = "sqlite3_litestreamvfs_init";

  private final String parameters;

  /** Keeps the extension in memory. */
  private final Connection loader;

  /**
   * @param library the extension
   * @param parameters added to the URL
   */
  Upstream(String library, String parameters) throws SQLException {
    this.parameters = parameters;
    Properties properties = new Properties();
    properties.setProperty("enable_load_extension", "true");
    loader = DriverManager.getConnection("jdbc:sqlite::memory:", properties);
    try (Statement statement = loader.createStatement()) {
      statement.execute("SELECT load_extension('" + library + "', '" + ENTRY_POINT + "')");
    }
  }

  @Override
  public Connection open(String place) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:file:t.db?vfs=litestream" + parameters);
  }

  @Override
  public void travel(Connection connection, @Nullable Instant time) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA litestream_time='" + (time == null ? "LATEST" : time) + "'");
    }
  }

  @Override
  public void forget() {
    // Connections share nothing.
  }
}

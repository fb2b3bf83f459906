package io.litestream.benchmarks.compare;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
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

  private static final boolean HYDRATES =
      "true".equals(System.getenv("LITESTREAM_HYDRATION_ENABLED"));

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

  /** Waits for a copy that it makes; what it keeps otherwise is less than a scan reads. */
  @Override
  public void warm(Connection connection) throws SQLException {
    awaitCopy(connection);
  }

  @Override
  public void awaitCopy(Connection connection) throws SQLException {
    if (!HYDRATES) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      while (true) {
        try (ResultSet progress = statement.executeQuery("PRAGMA litestream_hydration_progress")) {
          if (progress.next() && progress.getDouble(1) >= 100) {
            return;
          }
        }
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void forget() {
    // Connections share nothing.
  }
}

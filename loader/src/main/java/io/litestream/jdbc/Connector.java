package io.litestream.jdbc;

import io.litestream.jdbc.internal.config.JdbcUrl;
import io.litestream.jdbc.internal.config.ReplicaConfig;
import io.litestream.jdbc.internal.jdbc.LitestreamConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** From what a user gives to an open connection. */
final class Connector {

  private static final int MAX_LABEL = 64;

  private Connector() {}

  static Connection connect(String text, Properties info) throws SQLException {
    JdbcUrl url;
    try {
      url = JdbcUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw new SQLNonTransientConnectionException(e.getMessage(), "08001", e);
    }
    Litestream.loadOnce();
    Map<String, String> parameters = new TreeMap<>(url.parameters());
    info.stringPropertyNames().stream()
        .filter(name -> !name.equals("user") && !name.equals("password"))
        .forEach(name -> parameters.put(name, info.getProperty(name)));
    if (!url.location().isEmpty()) {
      parameters.put("replica_url", url.location());
    }
    String label = label(url.location());
    String metadataUrl = "jdbc:sqlite:file:" + label + "?vfs=" + ReplicaConfig.VFS;
    StringBuilder file = new StringBuilder("file:" + label + "?vfs=" + ReplicaConfig.VFS);
    parameters.forEach(
        (name, value) ->
            file.append('&')
                .append(JdbcUrl.encode(name))
                .append('=')
                .append(JdbcUrl.encode(value)));
    return LitestreamConnection.open(metadataUrl, file.toString(), new Properties(), false);
  }

  /** The last segment of a location as a name that needs no escapes anywhere. */
  private static String label(String location) {
    String[] segments = location.split("[/\\\\]+");
    String last = segments.length == 0 ? "" : segments[segments.length - 1];
    String safe = last.replaceAll("%[0-9A-Fa-f]{2}|[^A-Za-z0-9._-]", "_");
    return safe.isEmpty() ? "replica" : safe.substring(0, Math.min(safe.length(), MAX_LABEL));
  }
}

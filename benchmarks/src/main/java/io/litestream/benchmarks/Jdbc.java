package io.litestream.benchmarks;

import io.litestream.jdbc.Litestream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Stream;

/** What the benchmarks do with connections. */
final class Jdbc {

  static final String LOOKUP = "SELECT name FROM item WHERE id = ?";
  static final String SCAN = "SELECT sum(length(note)) FROM item";

  private Jdbc() {}

  /** Adds the VFS to this process. */
  static void load() throws SQLException {
    try (Connection any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      Litestream.load(any);
    }
  }

  /**
   * A connection to a replica.
   *
   * @param cacheBytes budget of the page cache
   * @param parameters further ones, each {@code key=value}
   */
  static Connection openReplica(String replicaUrl, long cacheBytes, String... parameters)
      throws SQLException {
    return DriverManager.getConnection(
        "jdbc:sqlite:file:items.db?vfs=litestream&cache_bytes="
            + cacheBytes
            + "&replica_url="
            + URLEncoder.encode(replicaUrl, StandardCharsets.UTF_8)
            + String.join("", Stream.of(parameters).map(p -> "&" + p).toList()));
  }

  static String lookup(PreparedStatement lookup, int id) throws SQLException {
    lookup.setInt(1, id);
    try (ResultSet row = lookup.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  static long scan(PreparedStatement scan) throws SQLException {
    try (ResultSet row = scan.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}

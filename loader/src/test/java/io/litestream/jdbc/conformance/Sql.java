package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.testkit.fixture.RowDigest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Connections to replicas, and queries in a line. */
final class Sql {

  /** Short, so that tests wait little for a change. */
  private static final String POLL = "poll_interval=10ms";

  private Sql() {}

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** SQLite's name of a replica, as ATTACH takes it. */
  static String name(String replicaUrl, String... parameters) {
    String all = String.join("&", parameters);
    return "file:replica.db?vfs=litestream&replica_url="
        + encode(replicaUrl)
        + (all.contains("poll_interval") ? "" : "&" + POLL)
        + (all.isEmpty() ? "" : "&" + all);
  }

  static String name(Path replica, String... parameters) {
    return name("file://" + encode(replica.toString()).replace("%2F", "/"), parameters);
  }

  static Connection open(String replicaUrl, String... parameters) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + name(replicaUrl, parameters));
  }

  static Connection open(Path replica, String... parameters) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + name(replica, parameters));
  }

  static Connection plain(Path file) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  static void run(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of all rows. */
  static List<String> column(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(rows.getString(1));
      }
      return all;
    }
  }

  /** The only value of the only row. */
  static String one(Connection connection, String sql) throws SQLException {
    List<String> all = column(connection, sql);
    assertThat(all).as(sql).hasSize(1);
    return all.getFirst();
  }

  /** What the statement fails with. */
  static String failure(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      boolean rows = statement.execute(sql);
      while (rows && statement.getResultSet().next()) {
        // Errors may come with any row.
      }
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError(sql + " succeeded");
  }

  /** What opening fails with: the text, and everything that a stack trace would show. */
  static Throwable openFailure(String url) {
    try (Connection connection = DriverManager.getConnection(url)) {
      throw new AssertionError("opened: " + connection);
    } catch (SQLException e) {
      return e;
    }
  }

  static long txid(Connection connection) throws SQLException {
    return HexFormat.fromHexDigitsToLong(one(connection, "PRAGMA litestream_txid"));
  }

  static void travel(Connection connection, String time) throws SQLException {
    run(connection, "PRAGMA litestream_time='" + time + "'");
  }

  /** Waits until the connection's next transaction would see this TXID. */
  static void await(Connection connection, long txid) {
    Await.until(
        () -> {
          column(connection, "SELECT count(*) FROM sqlite_schema"); // keeps the follower awake
          assertThat(txid(connection)).isEqualTo(txid);
        });
  }

  /** A query whose rows are the numbers of a range. */
  static String numbers(int first, int last) {
    return " WITH RECURSIVE s(n) AS (SELECT "
        + first
        + " UNION ALL SELECT n + 1 FROM s WHERE n < "
        + last
        + ") SELECT n FROM s";
  }

  static String digest(Connection connection) throws SQLException {
    return RowDigest.of(connection).sha256();
  }

  /** Waits until all pages of the newest state are in the page cache, which held none before. */
  static void awaitPages(Connection db) throws SQLException {
    long bytes =
        Long.parseLong(one(db, "PRAGMA page_count")) * Long.parseLong(one(db, "PRAGMA page_size"));
    Await.until(() -> assertThat(NativeCore.stats().cacheBytes()).isGreaterThanOrEqualTo(bytes));
  }
}

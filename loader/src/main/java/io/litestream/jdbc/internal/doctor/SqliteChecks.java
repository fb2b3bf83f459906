package io.litestream.jdbc.internal.doctor;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamDriver;
import io.litestream.jdbc.internal.load.Check;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteJDBCLoader;

/** What needs sqlite-jdbc. Its classes are touched nowhere else in the doctor. */
final class SqliteChecks {

  private static final String SCHEME = "jdbc:litestream:";

  private SqliteChecks() {}

  /** Loads both native libraries, the other one first. */
  static List<Check> load() {
    List<Check> checks = new ArrayList<>();
    try (Connection db = JDBC.createConnection("jdbc:sqlite::memory:", new Properties());
        Statement statement = db.createStatement()) {
      checks.add(
          Check.ok(
              "SQLite",
              one(statement, "SELECT sqlite_version()")
                  + " of sqlite-jdbc "
                  + SQLiteJDBCLoader.getVersion()));
      Litestream.load(db);
      checks.add(Check.ok("VFS", "loaded"));
    } catch (SQLException | LinkageError | RuntimeException e) {
      checks.add(Check.failed(checks.isEmpty() ? "SQLite" : "VFS", e));
    }
    return checks;
  }

  /** Opens a replica, whose URL may have secrets: only texts of the driver are shown. */
  static Check replica(String url) {
    String complete = url.startsWith(SCHEME) ? url : SCHEME + url;
    try (Connection db =
            Objects.requireNonNull(new LitestreamDriver().connect(complete, new Properties()));
        Statement statement = db.createStatement()) {
      return Check.ok(
          "replica",
          "TXID "
              + one(statement, "SELECT litestream_txid()")
              + " of "
              + one(statement, "SELECT litestream_time()")
              + ", "
              + one(statement, "SELECT count(*) FROM sqlite_schema")
              + " tables, indexes, views and triggers");
    } catch (SQLException | LinkageError | RuntimeException e) {
      return Check.failed("replica", e);
    }
  }

  private static String one(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return String.valueOf(row.getString(1));
    }
  }
}

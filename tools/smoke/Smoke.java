import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/**
 * Whether the packed jar works on this platform: loads the native library, opens a replica that
 * Litestream wrote, and travels in it. Arguments: the fixture ledger-blocks-file, and a directory
 * for a copy of it, which is left there: Windows keeps files that are open.
 */
public final class Smoke {

  /** Where an LTX header has the Unix milliseconds of the last transaction. */
  private static final int TIMESTAMP = 32;

  private Smoke() {}

  public static void main(String[] args) throws Exception {
    Path replica = Path.of(args[1]);
    copy(Path.of(args[0]).resolve("replica"), replica);
    try (Connection db = DriverManager.getConnection("jdbc:litestream:" + replica.toUri());
        Statement sql = db.createStatement()) {
      expect("ok", sql, "PRAGMA integrity_check");
      expect("0000000000000056", sql, "PRAGMA litestream_txid");
      expect("637", sql, "SELECT count(*) FROM ledger");
      expect("20000", sql, "SELECT sum(balance) FROM account");
      sql.execute("PRAGMA litestream_txid = '7'");
      expect("34", sql, "SELECT count(*) FROM ledger");
      expect("ok", sql, "PRAGMA integrity_check");
      sql.execute("PRAGMA litestream_time = 'LATEST'");
      expect("637", sql, "SELECT count(*) FROM ledger");
      System.out.printf(
          "smoke test passed: %s %s, Java %s, SQLite %s%n",
          System.getProperty("os.name"),
          System.getProperty("os.arch"),
          System.getProperty("java.version"),
          one(sql, "SELECT sqlite_version()"));
    }
  }

  /** With the modification times that Litestream gives, which neither Git nor a zip keeps. */
  static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] ltx = Files.readAllBytes(file);
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.write(copy, ltx);
        long time = ByteBuffer.wrap(ltx).getLong(TIMESTAMP);
        Files.setLastModifiedTime(copy, FileTime.fromMillis(time));
      }
    }
  }

  private static void expect(String expected, Statement sql, String query) throws SQLException {
    String found = one(sql, query);
    if (!expected.equals(found)) {
      throw new AssertionError(query + ": expected " + expected + ", found " + found);
    }
  }

  private static String one(Statement sql, String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      return rows.getString(1);
    }
  }
}

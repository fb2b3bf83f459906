package io.litestream.testkit.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The table that is measured: {@code t(id integer primary key, k integer, v text)} with an index on
 * k, nine rows to a page of 4 KiB. Every value follows from its row's id.
 *
 * @param rows ids from 1 on; k is a permutation of 0 to rows - 1 that scatters neighbours
 */
public record SampleTable(int rows) {

  /** 96 MB. */
  public static final SampleTable SMALL = new SampleTable(210_000);

  /** 960 MB. */
  public static final SampleTable LARGE = new SampleTable(2_100_000);

  public static final int PAGE_SIZE = 4096;

  static final String CREATE = "CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, v TEXT)";
  static final String INDEX = "CREATE INDEX t_k ON t(k)";

  /** Nine rows fill a page, ten do not fit. */
  private static final int VALUE_CHARS = 430;

  /** Of a value's characters, those that do not compress. */
  private static final int RANDOM_CHARS = 204;

  private static final int BITS_A_CHAR = 6;
  private static final byte[] ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FILLER =
      "the quick brown fox jumps over the lazy dog; ".getBytes(StandardCharsets.US_ASCII);

  /** Near the golden section of 210,000 and 2,100,000, and prime: coprime to both. */
  private static final long STRIDE = 129_793;

  private static final int BATCH = 1000;

  /** Column k of a row. */
  public int k(int id) {
    return (int) (id * STRIDE % rows);
  }

  /**
   * Column v of a row: text of which half compresses.
   *
   * @param version counts the row's updates
   */
  public static String v(long id, long version) {
    return new String(value(id, version), StandardCharsets.US_ASCII);
  }

  static byte[] value(long id, long version) {
    byte[] text = new byte[VALUE_CHARS];
    long seed = mix(id * 0x9E3779B97F4A7C15L + version * 0xD1B54A32D192ED03L);
    long bits = 0;
    for (int i = 0; i < RANDOM_CHARS; i++) {
      if (i % 10 == 0) {
        seed += 0x9E3779B97F4A7C15L;
        bits = mix(seed);
      }
      text[i] = ALPHABET[(int) (bits >>> i % 10 * BITS_A_CHAR) & ALPHABET.length - 1];
    }
    for (int i = RANDOM_CHARS; i < VALUE_CHARS; i++) {
      text[i] = FILLER[i % FILLER.length];
    }
    return text;
  }

  /** SplitMix64. */
  private static long mix(long seed) {
    long z = (seed ^ seed >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** Writes the database, in WAL mode as Litestream wants it, to a file that does not exist yet. */
  public void create(Path file) throws SQLException {
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement sql = db.createStatement()) {
      sql.execute("PRAGMA page_size=" + PAGE_SIZE);
      sql.execute("PRAGMA journal_mode=OFF");
      sql.execute("PRAGMA synchronous=OFF");
      sql.execute(CREATE);
      db.setAutoCommit(false);
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO t VALUES (?, ?, ?)")) {
        for (int id = 1; id <= rows; id++) {
          insert.setInt(1, id);
          insert.setInt(2, k(id));
          insert.setString(3, v(id, 0));
          insert.addBatch();
          if (id % BATCH == 0 || id == rows) {
            insert.executeBatch();
          }
        }
      }
      sql.execute(INDEX);
      db.commit();
      db.setAutoCommit(true);
      sql.execute("PRAGMA journal_mode=WAL");
    }
  }
}

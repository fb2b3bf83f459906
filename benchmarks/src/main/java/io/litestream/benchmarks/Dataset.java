package io.litestream.benchmarks;

import io.litestream.testkit.ltx.LtxHeader;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/**
 * One database, and a replica of it that is one snapshot: the same rows for every benchmark and
 * every run. Made once, below {@code target/}; {@code mvn clean} removes it.
 *
 * @param database a SQLite file in rollback mode
 * @param replica a replica's root in the file layout
 */
record Dataset(Path database, Path replica) {

  /** Rows, with ids from 1. */
  static final int ROWS = 100_000;

  /** The snapshot's path below the replica's root. */
  static final String SNAPSHOT = "ltx/9/0000000000000001-0000000000000001.ltx";

  private static final int PAGE_SIZE = 4096;
  private static final int NOTE_CHARS = 300;
  private static final long SEED = 20261121;
  private static final long TIMESTAMP_MS = 1_700_000_000_000L;

  /** The dataset in the directory that {@code -Dbenchmark.data} names. */
  static Dataset get() throws IOException, SQLException {
    Path directory = Path.of(System.getProperty("benchmark.data", "target/data")).toAbsolutePath();
    Dataset data = new Dataset(directory.resolve("items.db"), directory.resolve("replica"));
    Path snapshot = data.replica.resolve(SNAPSHOT);
    if (!Files.exists(snapshot)) {
      Files.createDirectories(snapshot.getParent());
      Files.deleteIfExists(data.database);
      createDatabase(data.database);
      Path partial = directory.resolve("snapshot.partial");
      Files.write(partial, snapshot(Files.readAllBytes(data.database)));
      Files.setLastModifiedTime(partial, FileTime.fromMillis(TIMESTAMP_MS));
      Files.move(partial, snapshot, StandardCopyOption.ATOMIC_MOVE);
    }
    return data;
  }

  private static void createDatabase(Path file) throws SQLException {
    Random random = new Random(SEED);
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement sql = db.createStatement()) {
      sql.execute("PRAGMA page_size = " + PAGE_SIZE);
      sql.execute("CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price INTEGER, note TEXT)");
      db.setAutoCommit(false);
      try (PreparedStatement insert =
          db.prepareStatement("INSERT INTO item(id, name, price, note) VALUES (?, ?, ?, ?)")) {
        for (int id = 1; id <= ROWS; id++) {
          insert.setInt(1, id);
          insert.setString(2, "item " + id);
          insert.setInt(3, random.nextInt(10_000));
          insert.setString(4, words(random));
          insert.addBatch();
          if (id % 1000 == 0) {
            insert.executeBatch();
          }
        }
      }
      db.commit();
    }
  }

  /** Text that compresses about as text does. */
  private static String words(Random random) {
    StringBuilder text = new StringBuilder(NOTE_CHARS + 8);
    while (text.length() < NOTE_CHARS) {
      text.append(Integer.toString(random.nextInt(1 << 20), 36)).append(" of the ");
    }
    return text.toString();
  }

  private static byte[] snapshot(byte[] database) {
    int pages = database.length / PAGE_SIZE;
    LtxWriter writer =
        new LtxWriter()
            .begin(PageEncoding.BLOCK, LtxHeader.of(PAGE_SIZE, pages, 1, 1, TIMESTAMP_MS));
    for (int page = 1; page <= pages; page++) {
      writer.page(page, database, (page - 1) * PAGE_SIZE);
    }
    return writer.finish();
  }
}

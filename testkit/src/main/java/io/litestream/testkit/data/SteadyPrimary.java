package io.litestream.testkit.data;

import io.litestream.testkit.ltx.LtxHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A database that Litestream has replicated with its default levels and retention, at one
 * transaction a second since the last snapshot. Each transaction updates a row and appends one.
 */
final class SteadyPrimary {

  /** Which row a transaction updates. */
  enum Updates {
    /** One of {@link #HOT_ROWS}. */
    HOT,
    /** Any. */
    RANDOM
  }

  static final int HOT_ROWS = 200;

  /** Since the snapshot: the twentieth hour is over, and its compactions are about to run. */
  static final int TRANSACTIONS = 20 * 3600 + 1;

  /** Transactions after those, for readers to follow. */
  static final int LATER = 60;

  /** The snapshot's; a day's transactions had gone before. */
  static final long FIRST_TXID = 86_400;

  static final Instant START = Instant.parse("2026-11-20T00:00:00Z");

  private static final int[] SECONDS_OF_LEVEL = {1, 30, 300, 3600};

  /** A compaction sees what was committed before its time, and takes a moment. */
  private static final int COMPACTION_LAG = 1;

  private static final int L0_RETENTION = 300;
  private static final Duration L0_UPLOAD = Duration.ofMillis(200);
  private static final Duration COMPACTION = Duration.ofMillis(900);
  private static final int BATCH = SECONDS_OF_LEVEL[2];
  private static final long SEED = 20261121;

  /** Constant, unlike a real WAL's second salt. */
  private static final int SALT = 0x5A17;

  private final SampleTable table;
  private final Updates updates;
  private final Path database;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Open[] open = {new Open(), new Open(), new Open(), new Open()};
  private int done;

  /** Where the next transaction lies in the WAL, which begins anew with every batch. */
  private long walOffset = WalPages.HEADER;

  /** What the next file of a level holds so far. */
  private static final class Open {
    final TreeMap<Integer, byte[]> pages = new TreeMap<>();
    long first;
  }

  SteadyPrimary(SampleTable table, Updates updates, Path database) {
    this.table = table;
    this.updates = updates;
    this.database = database;
  }

  /** When a transaction was committed: in the middle of its second. */
  static Instant committed(int transaction) {
    return START.plusMillis(transaction * 1000L - 500);
  }

  /**
   * Makes the database and its replica.
   *
   * @param later gets the L0 files of {@link #LATER} further transactions
   */
  void run(ReplicaFiles replica, ReplicaFiles later) throws IOException, SQLException {
    Path primary = database.resolveSibling("primary.db");
    Files.deleteIfExists(primary);
    table.create(primary);
    replica.writeSnapshot(FIRST_TXID, primary, START);
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + primary)) {
      run(db, "PRAGMA synchronous=OFF");
      run(db, "PRAGMA wal_autocheckpoint=0");
      try (PreparedStatement update = db.prepareStatement("UPDATE t SET v = ? WHERE id = ?");
          PreparedStatement insert = db.prepareStatement("INSERT INTO t VALUES (?, ?, ?)")) {
        while (done < TRANSACTIONS + LATER) {
          int end = done < TRANSACTIONS ? Math.min(done + BATCH, TRANSACTIONS) : done + LATER;
          db.setAutoCommit(false);
          for (int number = done + 1; number <= end; number++) {
            transaction(update, insert, number);
            db.commit();
          }
          db.setAutoCommit(true);
          List<WalPages> transactions = WalPages.read(primary.resolveSibling("primary.db-wal"));
          run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
          for (WalPages transaction : transactions) {
            replicate(transaction, ++done <= TRANSACTIONS ? replica : later);
          }
          if (done == TRANSACTIONS) {
            Files.copy(primary, database);
          }
        }
      }
    }
    Files.delete(primary);
  }

  private static void run(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement()) {
      statement.execute(sql);
    }
  }

  private void transaction(PreparedStatement update, PreparedStatement insert, int number)
      throws SQLException {
    int id =
        updates == Updates.HOT
            ? 1 + random.nextInt(HOT_ROWS) * (table.rows() / HOT_ROWS)
            : 1 + random.nextInt(table.rows());
    update.setString(1, SampleTable.v(id, number));
    update.setInt(2, id);
    update.executeUpdate();
    int added = table.rows() + number;
    insert.setInt(1, added);
    insert.setInt(2, added);
    insert.setString(3, SampleTable.v(added, 0));
    insert.executeUpdate();
  }

  /** Adds transaction {@link #done} to what each level gathers, and writes what is due. */
  private void replicate(WalPages transaction, ReplicaFiles files) throws IOException {
    for (int level = 0; level < open.length; level++) {
      Open file = open[level];
      file.first = file.pages.isEmpty() ? done : file.first;
      file.pages.putAll(transaction.pages());
      if (done % SECONDS_OF_LEVEL[level] == 0) {
        if (level == 0 ? done > TRANSACTIONS - L0_RETENTION : runs(done)) {
          write(files, level, file, transaction.commit());
        }
        file.pages.clear();
      }
    }
  }

  /** Whether the compaction of what was committed until then has run before the end. */
  private static boolean runs(int number) {
    return number + COMPACTION_LAG < TRANSACTIONS;
  }

  private void write(ReplicaFiles files, int level, Open file, int commit) throws IOException {
    Instant at = committed(done);
    LtxHeader header =
        LtxHeader.of(
            SampleTable.PAGE_SIZE,
            commit,
            FIRST_TXID + file.first,
            FIRST_TXID + done,
            at.toEpochMilli());
    if (level == 0) {
      long bytes = (long) file.pages.size() * (WalPages.FRAME_HEADER + SampleTable.PAGE_SIZE);
      header = header.withWal(walOffset, bytes, (done - 1) / BATCH, SALT);
      walOffset = done % BATCH == 0 ? WalPages.HEADER : walOffset + bytes;
    }
    files.write(level, header, file.pages, at.plus(level == 0 ? L0_UPLOAD : COMPACTION));
  }
}

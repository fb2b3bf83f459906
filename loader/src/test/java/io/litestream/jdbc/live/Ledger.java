package io.litestream.jdbc.live;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Random;

/**
 * A database in WAL mode, written by one connection: transfers between accounts, each a numbered
 * step that the {@link Journal} knows before it is committed. Not thread-safe.
 */
final class Ledger implements AutoCloseable {

  static final int ACCOUNTS = 200;

  /**
   * Entries of older steps are deleted now and then, so that a VACUUM has something to give back.
   */
  private static final int KEPT_STEPS = 150;

  private static final int ARCHIVE_EVERY = 60;

  private final Path file;
  private final Journal journal;
  private final Random random;
  private final Connection connection;
  private final Statement statement;
  private long step;

  /**
   * Makes the database.
   *
   * @param autocheckpoint pages of WAL after which SQLite checkpoints; 0 leaves it to Litestream
   */
  Ledger(Path file, int autocheckpoint, long seed, Journal journal) throws SQLException {
    this.file = file;
    this.journal = journal;
    random = new Random(seed);
    connection = connect(file);
    statement = connection.createStatement();
    statement.execute("pragma journal_mode = wal");
    statement.execute("pragma wal_autocheckpoint = " + autocheckpoint);
    statement.execute("begin");
    statement.execute("create table account(id integer primary key, balance integer not null)");
    statement.execute(
        "create table ledger(id integer primary key, step integer, src integer, dst integer,"
            + " amount integer, memo text)");
    statement.execute("create index ledger_src on ledger(src, amount)");
    statement.execute("create table step(n integer)");
    statement.execute("insert into step values(0)");
    statement.execute(
        "with recursive i(id) as (select 1 union all select id + 1 from i where id < "
            + ACCOUNTS
            + ") insert into account select id, 100 from i");
    transfers();
    commit();
  }

  private static Connection connect(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("pragma busy_timeout = 60000"); // Litestream holds the lock while it syncs
    }
    return connection;
  }

  /** One transaction. */
  void step() throws SQLException {
    statement.execute("begin immediate");
    transfers();
    if (step % ARCHIVE_EVERY == 0) {
      statement.execute("delete from ledger where step < " + (step - KEPT_STEPS));
    }
    commit();
  }

  private void transfers() throws SQLException {
    step++;
    try (PreparedStatement move =
            connection.prepareStatement("update account set balance = balance + ? where id = ?");
        PreparedStatement note =
            connection.prepareStatement(
                "insert into ledger(step, src, dst, amount, memo) values(?, ?, ?, ?, ?)")) {
      for (int left = 1 + random.nextInt(12); left > 0; left--) {
        int from = 1 + random.nextInt(ACCOUNTS);
        int to = 1 + random.nextInt(ACCOUNTS);
        int amount = 1 + random.nextInt(40);
        move(move, -amount, from);
        move(move, amount, to);
        note.setLong(1, step);
        note.setInt(2, from);
        note.setInt(3, to);
        note.setInt(4, amount);
        note.setString(5, memo());
        note.executeUpdate();
      }
    }
    statement.execute("update step set n = " + step);
  }

  private static void move(PreparedStatement move, int amount, int account) throws SQLException {
    move.setInt(1, amount);
    move.setInt(2, account);
    move.executeUpdate();
  }

  /** Mostly short, at times longer than a page, so that overflow pages come and go. */
  private String memo() {
    int length = random.nextInt(20) == 0 ? 6000 : random.nextInt(300);
    return Character.toString('a' + random.nextInt(26)).repeat(length);
  }

  private void commit() throws SQLException {
    Content content;
    try (ResultSet row = statement.executeQuery("select " + Content.COLUMNS)) {
      content = Content.of(row);
    }
    Instant before = Instant.now();
    journal.committing(content, before);
    statement.execute("commit");
    journal.committed(content.step());
  }

  /** Gives free pages back, and renumbers the others. */
  void vacuum() throws SQLException {
    statement.execute("vacuum");
  }

  /** Empties the WAL behind Litestream's back, which must not be running. */
  void checkpoint() throws SQLException {
    try (Connection foreign = connect(file);
        Statement other = foreign.createStatement()) {
      other.execute("pragma wal_checkpoint(truncate)");
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

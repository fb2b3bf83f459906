package io.litestream.jdbc.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.live.Journal.Sight;
import io.litestream.testkit.fixture.RowDigest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The connections that read a replica while it is written, each in its own way. */
final class Readers {

  private static final String LOOK =
      "select " + Content.COLUMNS + ", litestream_txid(), litestream_time()";

  /** How the text of an error begins that says that a transaction outlived its files. */
  private static final String EXPIRED = "can no longer be read";

  private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(3);

  private static final String BEFORE_FIRST = "no state before";

  private final String url;
  private final Duration pollInterval;
  private final Journal journal;
  private final BooleanSupplier going;

  /**
   * @param going whether to go on; asked between transactions
   */
  Readers(String replicaUrl, Duration pollInterval, Journal journal, BooleanSupplier going) {
    this.url =
        "jdbc:sqlite:file:live.db?vfs=litestream&poll_interval="
            + pollInterval.toMillis()
            + "ms&open_timeout=60s&replica_url="
            + URLEncoder.encode(replicaUrl, StandardCharsets.UTF_8);
    this.pollInterval = pollInterval;
    this.journal = journal;
    this.going = going;
  }

  /** Seven connections; each ends without an exception when all it saw was right. */
  List<Callable<Void>> all() {
    return List.of(
        task(this::readHot),
        task(this::readWithoutCache),
        task(this::holdTransactions),
        task(this::holdCursors),
        task(this::travelBack),
        task(this::travelToSeen),
        this::openAgainAndAgain);
  }

  private interface Loop {
    void run(Connection connection) throws Exception;
  }

  private Callable<Void> task(Loop loop) {
    return () -> {
      try (Connection connection = connect("")) {
        loop.run(connection);
      }
      return null;
    };
  }

  Connection connect(String parameters) throws SQLException {
    return DriverManager.getConnection(url + parameters);
  }

  static Sight look(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
      return look(statement);
    }
  }

  private static Sight look(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return new Sight(
          row.getString(Content.WIDTH + 1),
          Instant.parse(row.getString(Content.WIDTH + 2)),
          Content.of(row));
    }
  }

  private static void assertForward(@Nullable Sight from, Sight to) {
    if (from != null) {
      assertThat(to.txid()).as("TXID after %s", from).isGreaterThanOrEqualTo(from.txid());
    }
  }

  // ---------------------------------------------------------------------------- the present

  /** Short transactions, one after the other. */
  private void readHot(Connection connection) throws Exception {
    @Nullable Sight last = null;
    while (going.getAsBoolean()) {
      try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
        long end = System.nanoTime() + BETWEEN_CHECKS.toNanos();
        while (System.nanoTime() < end) {
          long begun = System.nanoTime();
          Sight sight = look(statement);
          journal.check(sight);
          assertForward(last, sight);
          long known = last == null ? sight.content().step() : last.content().step();
          journal.follow(sight, known, begun);
          last = sight;
          Thread.sleep(10);
        }
        checkIntegrity(connection);
      } catch (SQLException e) {
        expire(connection, e); // and sqlite-jdbc has closed the statement
      }
    }
  }

  /**
   * The check does not fail when it cannot read a page, but says so: in these words of a page of a
   * b-tree, in those of an overflow or free page.
   */
  private void checkIntegrity(Connection connection) throws SQLException {
    String found = RowDigest.integrity(connection);
    if (found.contains("unable to get the page") || found.contains("failed to get page")) {
      expire(connection, new SQLException(found));
    } else {
      assertThat(found).isEqualTo("ok");
    }
  }

  /** The same with every page asked of the VFS, every time. */
  private void readWithoutCache(Connection connection) throws Exception {
    try (Statement pragma = connection.createStatement()) {
      pragma.execute("pragma cache_size = 0");
    }
    @Nullable Sight last = null;
    while (going.getAsBoolean()) {
      try {
        Sight sight = look(connection);
        journal.check(sight);
        assertForward(last, sight);
        last = sight;
      } catch (SQLException e) {
        expire(connection, e);
      }
      Thread.sleep(20);
    }
  }

  /** Transactions of seconds, in which nothing may move. */
  private void holdTransactions(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    @Nullable Sight last = null;
    while (going.getAsBoolean()) {
      last = transaction(connection, last, 2 + ThreadLocalRandom.current().nextInt(5));
    }
  }

  private @Nullable Sight transaction(Connection connection, @Nullable Sight last, int looks)
      throws Exception {
    try {
      Sight first = look(connection);
      journal.check(first);
      assertForward(last, first);
      for (int i = 1; i < looks; i++) {
        Thread.sleep(700);
        Sight again = look(connection);
        assertThat(again.txid()).isEqualTo(first.txid());
        assertThat(again.content()).isEqualTo(first.content());
        journal.check(again);
      }
      connection.rollback();
      return first;
    } catch (SQLException e) {
      expire(connection, e);
      connection.rollback();
      return last;
    }
  }

  /** Counts a failure for which retention alone is to blame; any other is thrown. */
  private void expire(Connection connection, SQLException e) throws SQLException {
    String reason = lastError(connection);
    if (!reason.contains(EXPIRED)) {
      throw new SQLException(e.getMessage() + ": " + reason, e);
    }
    journal.expired();
  }

  private static String lastError(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("pragma litestream_last_error")) {
      return String.valueOf(row.getString(1));
    }
  }

  /** A result set that is read slowly. */
  private void holdCursors(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    while (going.getAsBoolean()) {
      try {
        readSlowly(connection);
      } catch (SQLException e) {
        expire(connection, e);
      }
      connection.rollback();
    }
  }

  private void readSlowly(Connection connection) throws Exception {
    Sight sight = look(connection);
    journal.check(sight);
    long entries = 0;
    long amounts = 0;
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select id, amount, length(memo) from ledger")) {
      while (rows.next()) {
        entries++;
        amounts += rows.getLong(2) * (rows.getLong(1) % 97) + rows.getLong(3);
        if (entries % 50 == 0) {
          Thread.sleep(100);
        }
      }
    }
    assertThat(entries).isEqualTo(sight.content().entries());
    assertThat(amounts).isEqualTo(sight.content().amounts());
  }

  /** New connections, with much cache and with next to none, which is all connections' then. */
  private Void openAgainAndAgain() throws Exception {
    @Nullable Sight last = null;
    for (int round = 0; going.getAsBoolean(); round++) {
      String cache = round % 2 == 0 ? "&cache_bytes=64KB" : "&cache_bytes=64MB";
      try (Connection connection = connect(cache)) {
        journal.opened();
        connection.setAutoCommit(false);
        for (int i = 0; i < 3; i++) {
          last = transaction(connection, last, 3);
        }
      }
    }
    return null;
  }

  // ------------------------------------------------------------------------------- the past

  /** To a fixed distance, again and again. */
  private void travelBack(Connection connection) throws Exception {
    while (going.getAsBoolean()) {
      travel(connection, "2 seconds ago");
      Thread.sleep(200);
    }
  }

  /** To instants at which a state was seen, and back to the present. */
  private void travelToSeen(Connection connection) throws Exception {
    @Nullable Sight last = null;
    while (going.getAsBoolean()) {
      Sight seen = journal.anySeen();
      if (seen != null) {
        Instant after = seen.time().plusMillis(1);
        Sight past = travel(connection, after.toString());
        if (past != null) {
          assertThat(past.time()).isEqualTo(after);
        }
      }
      travel(connection, "LATEST");
      try {
        Sight present = look(connection);
        journal.check(present);
        assertForward(last, present);
        last = present;
      } catch (SQLException e) {
        expire(connection, e);
      }
      Thread.sleep(pollInterval.toMillis() / 4);
    }
  }

  /** What is there then; null when that is no longer to be had. */
  private @Nullable Sight travel(Connection connection, String when) throws SQLException {
    try (PreparedStatement set = connection.prepareStatement("select litestream_set_time(?)")) {
      set.setString(1, when);
      set.executeQuery().close();
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).contains(BEFORE_FIRST)) {
        throw e;
      }
      journal.refused();
      return null;
    }
    if (when.equals("LATEST")) {
      return null;
    }
    try {
      Sight past = look(connection);
      journal.checkPast(past);
      return past;
    } catch (SQLException e) {
      expire(connection, e);
      return null;
    }
  }
}

package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.TimeScope;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.SQLiteConnection;
import org.sqlite.jdbc4.JDBC4Statement;

/** What one borrower does, the next one does not see. */
class SessionTest {

  private static final Replica.Past PAST = Replica.PAST;

  private static final List<String> TRAVELS =
      List.of(
          "PRAGMA litestream_time = '" + PAST.time() + "'",
          "PRAGMA litestream_txid = '" + PAST.txid() + "'",
          "SELECT litestream_set_time('" + PAST.time() + "')",
          "SELECT litestream_set_txid('" + PAST.txid() + "')");

  static Stream<Arguments> travels() {
    return Stream.of(PoolOfOne.Kind.values())
        .flatMap(
            kind ->
                TRAVELS.stream()
                    .flatMap(
                        sql ->
                            Stream.of(true, false)
                                .map(autoCommit -> Arguments.of(kind, autoCommit, sql))));
  }

  @ParameterizedTest
  @MethodSource
  void travels(PoolOfOne.Kind kind, boolean autoCommit, String sql) throws SQLException {
    PoolOfOne.Options options = new PoolOfOne.Options(true, autoCommit, List.of());
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL, options)) {
      lend(
          pool,
          db -> {
            Replica.run(db, sql);
            assertThat(Replica.rows(db)).isEqualTo(PAST.rows());
          },
          db -> assertThat(Replica.rows(db)).isEqualTo(Replica.ROWS));
    }
  }

  @ParameterizedTest
  @EnumSource
  void attachedReplicas(PoolOfOne.Kind kind) throws SQLException {
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL)) {
      lend(
          pool,
          db -> {
            Replica.run(db, Replica.attach(""));
            Replica.run(db, "PRAGMA past.litestream_txid = '" + PAST.txid() + "'");
            assertThat(Replica.one(db, "SELECT count(*) FROM past.ledger"))
                .isEqualTo(Long.toString(PAST.rows()));
            // Left open: the pool closes what its borrower forgot.
            db.createStatement().executeQuery("SELECT * FROM past.ledger");
          },
          db ->
              assertThat(Replica.one(db, "SELECT group_concat(name) FROM pragma_database_list"))
                  .isEqualTo("main"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void transactionsOfPlainSql(PoolOfOne.Kind kind) throws SQLException {
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL)) {
      lend(
          pool,
          db -> {
            Replica.run(db, "PRAGMA litestream_txid = '" + PAST.txid() + "'");
            Replica.run(db, "BEGIN");
            assertThat(Replica.rows(db)).isEqualTo(PAST.rows());
          },
          db -> {
            assertThat(Replica.rows(db)).isEqualTo(Replica.ROWS);
            Replica.run(db, "BEGIN"); // fails within a transaction
            Replica.run(db, "COMMIT");
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void theTimeOfTheUrlIsWhereSessionsBegin(PoolOfOne.Kind kind) throws SQLException {
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL + "&time=" + PAST.time())) {
      lend(
          pool,
          db -> {
            assertThat(Replica.rows(db)).isEqualTo(PAST.rows());
            Replica.run(db, "PRAGMA litestream_time = 'LATEST'");
            assertThat(Replica.rows(db)).isEqualTo(Replica.ROWS);
          },
          db -> assertThat(Replica.rows(db)).isEqualTo(PAST.rows()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void sessionsAreKeptWhereAsked(PoolOfOne.Kind kind) throws SQLException {
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL + "&session_time=keep")) {
      lend(
          pool,
          db -> {
            Replica.run(db, "PRAGMA litestream_time = '" + PAST.time() + "'");
            Replica.run(db, Replica.attach(""));
          },
          db -> {
            assertThat(Replica.rows(db)).isEqualTo(PAST.rows());
            assertThat(Replica.one(db, "SELECT count(*) FROM past.ledger"))
                .isEqualTo(Long.toString(Replica.ROWS));
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void thePoolAttachesForAllBorrowers(PoolOfOne.Kind kind) throws SQLException {
    String attach = Replica.attach("&session_time=keep&time=" + PAST.time());
    PoolOfOne.Options options = new PoolOfOne.Options(true, true, List.of(attach));
    String added = "SELECT count(*) FROM (SELECT id FROM ledger EXCEPT SELECT id FROM past.ledger)";
    String expected = Long.toString(Replica.ROWS - PAST.rows());
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL, options)) {
      lend(
          pool,
          db -> {
            assertThat(Replica.one(db, added)).isEqualTo(expected);
            Replica.run(db, "PRAGMA past.litestream_time = 'LATEST'");
            assertThat(Replica.one(db, added)).isEqualTo("0");
          },
          db -> assertThat(Replica.one(db, added)).isEqualTo(expected));
    }
  }

  /** HikariCP lends a connection that was used just now unseen, and evicts it at the first use. */
  @ParameterizedTest
  @EnumSource
  void aConnectionThatCannotBeResetIsReplaced(PoolOfOne.Kind kind) throws SQLException {
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL)) {
      SQLiteConnection broken;
      try (Connection db = pool.borrow()) {
        broken = Replica.physical(db);
        Replica.run(db, Replica.attach(""));
        unknownCursor(broken);
      }
      if (kind == PoolOfOne.Kind.HIKARI) {
        try (Connection db = pool.borrow()) {
          assertThatThrownBy(() -> Replica.rows(db))
              .isInstanceOfSatisfying(
                  SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
        }
      }
      try (Connection db = pool.borrow()) {
        assertThat(Replica.physical(db)).isNotSameAs(broken);
        assertThat(Replica.rows(db)).isEqualTo(Replica.ROWS);
      }
      assertThat(broken.isClosed()).isTrue();
    }
  }

  /** Neither the pool nor the connection can close it. */
  @SuppressWarnings("resource")
  private static void unknownCursor(SQLiteConnection db) throws SQLException {
    Statement unknown = new JDBC4Statement(db);
    assertThat(unknown.executeQuery("SELECT * FROM past.ledger").next()).isTrue();
  }

  /** Agroal does not tell a connection when it is given back. */
  @Test
  void scopesEndByThemselves() throws SQLException {
    try (PoolOfOne pool = PoolOfOne.agroal(Replica.URL)) {
      lend(
          pool,
          db -> {
            try (TimeScope past = Litestream.asOf(db, PAST.time())) {
              assertThat(Replica.rows(db)).isEqualTo(PAST.rows());
            }
            db.setAutoCommit(false);
            try (TimeScope past = Litestream.asOfTxid(db, PAST.txid())) {
              assertThat(Replica.rows(db)).isEqualTo(PAST.rows());
            }
            db.rollback();
            assertThat(Replica.rows(db)).isEqualTo(Replica.ROWS);
          },
          db -> assertThat(Replica.rows(db)).isEqualTo(Replica.ROWS));
    }
  }

  private interface Use {
    void by(Connection db) throws SQLException;
  }

  /** Two borrowers have the same connection, one after the other; returning it asks no store. */
  private static void lend(PoolOfOne pool, Use first, Use second) throws SQLException {
    Connection borrowed = pool.borrow();
    SQLiteConnection physical = Replica.physical(borrowed);
    first.by(borrowed);
    StoreRequests before = Litestream.storeRequests();
    borrowed.close();
    try (Connection db = pool.borrow()) {
      assertThat(Replica.physical(db)).isSameAs(physical);
      assertThat(Litestream.storeRequests()).isEqualTo(before);
      second.by(db);
    }
  }
}

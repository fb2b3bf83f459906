package consumer;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConnection;

/** The replica that the tests read, and queries in a line. */
final class Replica {

  /** Looked at once, so that every later request to its store is somebody's doing. */
  static final String URL = System.getProperty("replica.jdbc") + "?poll_interval=1h";

  static final long ROWS = Long.getLong("replica.rows");

  /** A state in which the ledger was shorter. */
  record Past(String txid, String time, long rows) {}

  static final Past PAST = past();

  private Replica() {}

  private static Past past() {
    try (Connection db = DriverManager.getConnection(URL);
        Statement states = db.createStatement();
        ResultSet state =
            states.executeQuery(
                "SELECT txid, strftime('%Y-%m-%dT%H:%M:%fZ', time, '+0.001 seconds')"
                    + " FROM litestream_history LIMIT -1 OFFSET 1")) {
      while (state.next()) {
        Past past = at(state.getString(1), state.getString(2));
        if (past.rows() < ROWS) {
          return past;
        }
      }
      throw new AssertionError("the ledger was never shorter");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static Past at(String txid, String time) throws SQLException {
    try (Connection db = DriverManager.getConnection(URL + "&txid=" + txid)) {
      return new Past(txid, time, rows(db));
    }
  }

  static String attach(String parameters) {
    String place = URL.substring("jdbc:litestream:".length(), URL.indexOf('?'));
    return "ATTACH 'file:past?vfs=litestream&poll_interval=1h&replica_url="
        + place
        + parameters
        + "' AS past";
  }

  static long rows(Connection db) throws SQLException {
    return Long.parseLong(one(db, "SELECT count(*) FROM ledger"));
  }

  static String one(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.getString(1);
    }
  }

  static void run(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What a pool keeps, whichever wrapper it lends. */
  static SQLiteConnection physical(Connection db) throws SQLException {
    return db.unwrap(SQLiteConnection.class);
  }
}

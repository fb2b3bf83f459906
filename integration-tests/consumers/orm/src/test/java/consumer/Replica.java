package consumer;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The replica that the tests read. */
final class Replica {

  static final String URL = System.getProperty("replica.jdbc");
  static final long ROWS = Long.getLong("replica.rows");

  /** The state of one of the first commits: its ledger is shorter, and its balances are others. */
  static final String PAST_TXID = pastTxid();

  private Replica() {}

  private static String pastTxid() {
    try (Connection db = DriverManager.getConnection(URL);
        Statement statement = db.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT txid FROM litestream_history ORDER BY txid"
                    + " LIMIT 1 OFFSET (SELECT count(*) / 2 FROM litestream_history)")) {
      return row.getString(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}

package consumer;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Prints how many rows the replica of the URL has, and the sum of its balances. */
public final class Main {

  private Main() {}

  public static void main(String[] args) throws SQLException {
    try (Connection db = DriverManager.getConnection(args[0]);
        Statement statement = db.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM ledger), (SELECT sum(balance) FROM account)")) {
      System.out.println("rows " + row.getLong(1) + ", sum " + row.getLong(2));
    }
  }
}

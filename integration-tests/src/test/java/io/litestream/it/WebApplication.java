package io.litestream.it;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;

/** What runs in an application's own class loader, as a servlet would. */
public final class WebApplication {

  private WebApplication() {}

  /** The number of rows, once found, and a failure of the replica on the way. */
  public static long rows(String url) throws Exception {
    Class.forName("io.litestream.jdbc.LitestreamDriver");
    try (Connection db = DriverManager.getConnection(url);
        Statement statement = db.createStatement()) {
      try {
        statement.execute("PRAGMA litestream_time = '1970-01-01T00:00:00Z'");
        throw new AssertionError("there is a state of 1970");
      } catch (SQLException e) {
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM ledger")) {
          return row.getLong(1);
        }
      }
    }
  }

  /** As containers do, or an application's listener. */
  public static void stop() throws SQLException {
    for (Driver driver : Collections.list(DriverManager.getDrivers())) {
      if (driver.getClass().getClassLoader() == WebApplication.class.getClassLoader()) {
        DriverManager.deregisterDriver(driver);
      }
    }
  }
}

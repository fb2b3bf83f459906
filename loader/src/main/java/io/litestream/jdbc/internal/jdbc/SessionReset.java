package io.litestream.jdbc.internal.jdbc;

import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.core.DB;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4Statement;

/**
 * Gives a connection back what it was opened with, for the next borrower of a pool: its time, its
 * databases, no transaction. In memory, without a request.
 */
final class SessionReset {

  /** Bits of {@code PRAGMA litestream_session}; the last one is about its schema alone. */
  private static final int TRAVELLED = 1;

  private static final int ATTACHED = 2;
  private static final int TRANSACTION = 4;
  private static final int STAYS = 8;

  private static final System.Logger LOG = System.getLogger("io.litestream.jdbc");

  private final JDBC4Connection connection;
  private final Calls calls;

  SessionReset(JDBC4Connection connection, Calls calls) {
    this.connection = connection;
    this.calls = calls;
  }

  /** Never throws: a connection that cannot be reset is broken. */
  void run() {
    if (calls.stopped() || calls.broken()) {
      return;
    }
    try {
      calls.aside(
          () -> {
            if (calls.takeUsed()) {
              reset();
            }
          });
    } catch (SQLException e) {
      calls.breakDown();
      LOG.log(
          Level.WARNING,
          "a connection is given up, because its session cannot be reset: "
              + SecretText.hide(String.valueOf(e.getMessage())));
    }
  }

  private void reset() throws SQLException {
    List<String> answer = column("PRAGMA litestream_session");
    int state = answer.isEmpty() ? 0 : Integer.parseInt(answer.getFirst());
    boolean autoCommit = connection.getAutoCommit();
    boolean raw = (state & TRANSACTION) != 0 && autoCommit;
    boolean attached = (state & ATTACHED) != 0;
    boolean travelled = (state & TRAVELLED) != 0;
    if (!raw && !attached && !travelled) {
      return;
    }
    // What is being read stays as it is until nothing reads it.
    calls.endReading();
    DB db = connection.getDatabase();
    if (!autoCommit) {
      connection.rollback();
    } else if (raw) {
      db.exec("ROLLBACK", true);
    }
    if (attached) {
      detach(db, autoCommit);
    }
    if (travelled) {
      db.exec("PRAGMA litestream_reset", autoCommit);
    }
  }

  private void detach(DB db, boolean autoCommit) throws SQLException {
    for (String schema : schemas()) {
      List<String> state = column("PRAGMA " + quoted(schema) + ".litestream_session");
      boolean replica = !state.isEmpty();
      if (replica && (Integer.parseInt(state.getFirst()) & STAYS) == 0) {
        db.exec("DETACH " + quoted(schema), autoCommit);
      }
    }
  }

  private List<String> schemas() throws SQLException {
    List<String> attached = column("SELECT name FROM pragma_database_list");
    attached.removeAll(List.of("main", "temp"));
    return attached;
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private List<String> column(String sql) throws SQLException {
    try (Statement statement = new JDBC4Statement(connection);
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(rows.getString(1));
      }
      return all;
    } catch (SQLException e) {
      if ("SQLITE_DONE".equals(e.getSQLState())) {
        return new ArrayList<>(); // a PRAGMA that nobody knows has no columns
      }
      throw e;
    }
  }
}

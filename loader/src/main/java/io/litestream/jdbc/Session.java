package io.litestream.jdbc;

import io.litestream.jdbc.internal.replica.Replica;
import io.litestream.jdbc.internal.replica.Replicas;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a connection says of its main database, read and changed by statements alone: so it may be
 * any pool's wrapper.
 */
final class Session {

  /** The bit of {@code PRAGMA litestream_session} that says that a replica is not at its home. */
  private static final long AWAY = 1;

  /**
   * The answer of {@code PRAGMA litestream_position}.
   *
   * @param travelled the instant that it shows on demand, null when it follows
   * @param pinned whether a transaction has begun to read
   */
  record Place(
      long dbId, String txid, Instant commitTime, @Nullable Instant travelled, boolean pinned) {

    /** A travel to a TXID shows that state's own time, one to an instant a later one. */
    private boolean byTxid() {
      return commitTime.equals(travelled);
    }
  }

  private final Connection connection;

  Session(Connection connection) {
    this.connection = connection;
  }

  Place place() throws SQLException {
    String text = pragma("litestream_position");
    if (text == null) {
      throw new SQLException(
          "this connection's main database is no replica; open it with jdbc:litestream:..., or with"
              + " jdbc:sqlite:file:NAME?vfs=litestream&replica_url=...");
    }
    String[] fields = text.split(" ");
    return new Place(
        Long.parseLong(fields[0]),
        fields[1],
        Instant.ofEpochMilli(Long.parseLong(fields[2])),
        fields[3].equals("-") ? null : Instant.ofEpochMilli(Long.parseLong(fields[3])),
        fields[4].equals("1"));
  }

  Replica replica() throws SQLException {
    Replica replica = Replicas.byId(place().dbId());
    if (replica == null) {
      throw new SQLException("the replica of this connection is closed; open the connection again");
    }
    return replica;
  }

  /** Goes to a state until the scope is closed. */
  TimeScope travel(String setting, String value) throws SQLException {
    Place before = place();
    boolean home = (Long.parseLong(String.valueOf(pragma("litestream_session"))) & AWAY) == 0;
    set(setting, value);
    return new TimeScope() {
      private boolean closed;

      @Override
      public void close() throws SQLException {
        if (!closed) {
          back(before, home);
          closed = true;
        }
      }
    };
  }

  private void back(Place before, boolean home) throws SQLException {
    if (home && place().pinned()) {
      run("PRAGMA litestream_reset"); // for the next transaction
    } else if (before.travelled() == null) {
      set("litestream_time", "LATEST");
    } else if (before.byTxid()) {
      set("litestream_txid", before.txid());
    } else {
      set("litestream_time", before.travelled().toString());
    }
  }

  static long txid(String hex) {
    try {
      return HexFormat.fromHexDigitsToLong(hex.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not a TXID: '" + hex + "'; expected 1 to 16 hex digits, as PRAGMA litestream_txid shows",
          e);
    }
  }

  private void set(String setting, String value) throws SQLException {
    run("PRAGMA " + setting + " = '" + value.replace("'", "''") + "'");
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private @Nullable String pragma(String name) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (!statement.execute("PRAGMA " + name)) {
        return null; // SQLite knows no such PRAGMA: the database is another VFS's
      }
      try (ResultSet row = statement.getResultSet()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }
}

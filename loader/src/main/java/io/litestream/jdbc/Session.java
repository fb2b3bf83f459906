package io.litestream.jdbc;

import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.jdbc.ErrorKind;
import io.litestream.jdbc.internal.jdbc.SqlErrors;
import io.litestream.jdbc.internal.replica.Replica;
import io.litestream.jdbc.internal.replica.Replicas;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a connection says of its main database, read and changed by statements alone: so it may be
 * any pool's wrapper.
 */
final class Session {

  /**
   * The answer of {@code PRAGMA litestream_position}.
   *
   * @param travelled whether it shows a state of the past on demand
   */
  record Place(long dbId, String txid, Instant commitTime, boolean travelled) {}

  private final Connection connection;

  Session(Connection connection) {
    this.connection = connection;
  }

  Place place() throws SQLException {
    String text = pragma("litestream_position");
    if (text == null) {
      throw ErrorKind.USAGE.exception(
          "this connection's main database is no replica; open it with jdbc:litestream:..., or with"
              + " jdbc:sqlite:file:NAME?vfs=litestream&replica_url=...",
          0,
          null);
    }
    String[] fields = text.split(" ");
    return new Place(
        Long.parseLong(fields[0]),
        fields[1],
        Instant.ofEpochMilli(Long.parseLong(fields[2])),
        fields[3].equals("1"));
  }

  Replica replica() throws SQLException {
    Replica replica = Replicas.byId(place().dbId());
    if (replica == null) {
      throw ErrorKind.CLOSED.exception(
          "the replica of this connection is closed; open the connection again", 0, null);
    }
    return replica;
  }

  /** Goes to a state until the scope is closed. */
  TimeScope travel(String setting, String value) throws SQLException {
    place(); // or says that there is no replica
    String scope = Objects.requireNonNull(pragma("litestream_scope"));
    try {
      set(setting, value);
    } catch (SQLException e) {
      set("litestream_scope", scope);
      throw e;
    }
    return () -> {
      if (!connection.isClosed()) {
        set("litestream_scope", scope);
      }
    };
  }

  static long txid(String hex) throws SQLException {
    try {
      return HexFormat.fromHexDigitsToLong(hex.strip());
    } catch (IllegalArgumentException e) {
      throw ErrorKind.WRONG_VALUE.exception(
          "not a TXID: '" + hex + "'; expected 1 to 16 hex digits, as PRAGMA litestream_txid shows",
          0,
          e);
    }
  }

  private void set(String setting, String value) throws SQLException {
    HostUpcalls.clearFailure();
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA " + setting + " = '" + value.replace("'", "''") + "'");
    } catch (SQLException e) {
      throw SqlErrors.shared(e);
    }
  }

  private @Nullable String pragma(String name) throws SQLException {
    HostUpcalls.clearFailure();
    try (Statement statement = connection.createStatement()) {
      if (!statement.execute("PRAGMA " + name)) {
        return null; // SQLite knows no such PRAGMA: the database is another VFS's
      }
      try (ResultSet row = statement.getResultSet()) {
        return row.next() ? row.getString(1) : null;
      }
    } catch (SQLException e) {
      throw SqlErrors.shared(e);
    }
  }
}

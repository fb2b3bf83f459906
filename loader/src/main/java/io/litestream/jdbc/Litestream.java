package io.litestream.jdbc;

import io.litestream.jdbc.internal.config.Registry;
import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.jdbc.ErrorKind;
import io.litestream.jdbc.internal.jdbc.SqlErrors;
import io.litestream.jdbc.internal.load.NativeLibrary;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.jdbc.internal.store.CountingStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;
import org.sqlite.core.DB;

/**
 * Adds the VFS {@code litestream} to sqlite-jdbc: connections opened afterwards, with {@code
 * jdbc:sqlite:file:NAME?vfs=litestream&replica_url=URL}, read a Litestream replica. All other
 * databases open as before.
 *
 * <p>The VFS stays for the life of the process. Thread-safe.
 */
public final class Litestream {

  /** The library's entry point, which SQLite could not guess from the file's name. */
  private static final String ENTRY_POINT = "sqlite3_litestreamjdbc_init";

  private static final Object LOADING = new Object();

  private static boolean loaded; // guarded by LOADING

  private Litestream() {}

  /**
   * Adds the VFS, and the SQL functions {@code litestream_*} to this connection. Loading again is
   * harmless. Whether the connection can load extensions is afterwards as it was before.
   *
   * @param connection an open connection of sqlite-jdbc, to any database, or a pool's wrapper
   *     around one
   * @throws SQLException when it is none, or the native library cannot be loaded; the text says
   *     what to do
   */
  public static void load(Connection connection) throws SQLException {
    SQLiteConnection sqlite = unwrap(connection);
    if (sqlite.isClosed()) {
      throw ErrorKind.CLOSED.exception(
          "Litestream.load needs an open connection; this one is closed", 0, null);
    }
    Path library = loadablePath();
    DB db = sqlite.getDatabase();
    // sqlite-jdbc runs every call on a connection under this monitor, so no other thread sees the
    // switch turned on.
    synchronized (db) {
      if (canLoadExtensions(sqlite)) {
        loadExtension(sqlite, library);
        return;
      }
      db.enable_load_extension(true);
      try {
        loadExtension(sqlite, library);
      } finally {
        db.enable_load_extension(false);
      }
    }
  }

  /**
   * The native library's file, for those who load it with SQLite's own means ({@code
   * load_extension(path, 'sqlite3_litestreamjdbc_init')}) in this process. Valid until the JVM
   * ends.
   *
   * @throws SQLException when there is no library to be had; the text says what to do
   */
  public static Path loadablePath() throws SQLException {
    try {
      Path library = NativeLibrary.file();
      HostUpcalls.opener(Replicas::open);
      NativeCore.bind(library);
      return library;
    } catch (IOException | NativeException e) {
      throw cannotLoad(String.valueOf(e.getMessage()), e);
    } catch (IllegalCallerException e) {
      throw cannotLoad(
          "the JVM denies native access; start it with " + NativeLibrary.accessOption(), e);
    }
  }

  /**
   * The newest states of a replica that can be travelled to, ascending. Loads the VFS if nobody has
   * yet; reads the header of one file for each state.
   *
   * @param replicaUrl as {@code replica_url}
   * @param limit the most states to list, at least 1
   * @throws SQLException when the URL is none, or the store fails; the store's exception is the
   *     cause
   */
  public static List<ReplicaState> states(String replicaUrl, int limit) throws SQLException {
    loadOnce();
    try {
      return Replicas.states(replicaUrl, limit);
    } catch (IllegalArgumentException e) {
      throw ErrorKind.CANNOT_OPEN.exception(String.valueOf(e.getMessage()), 0, e);
    } catch (IOException e) {
      throw SqlErrors.of(e);
    }
  }

  /**
   * Gives a replica a name, under which {@code jdbc:litestream:?replica=NAME} and {@code
   * jdbc:sqlite:file:NAME?vfs=litestream&replica=NAME} open it: no secret needs to be in a URL.
   *
   * @throws IllegalArgumentException when another replica has the name
   */
  public static void register(String name, LitestreamConfig config) {
    Registry.register(name, config.settings());
  }

  /** Takes a name away; open connections stay open. Returns whether there was one. */
  public static boolean unregister(String name) {
    return Registry.unregister(name);
  }

  /** Loads the VFS where this class loader has not done so yet. */
  static void loadOnce() throws SQLException {
    synchronized (LOADING) {
      if (!loaded) {
        // First, because sqlite-jdbc does not say what to do where the JVM denies native access.
        loadablePath();
        // Not by DriverManager, which looks only where the caller's class loader does.
        try (Connection any = JDBC.createConnection("jdbc:sqlite::memory:", new Properties())) {
          load(any);
        }
        loaded = true;
      }
    }
  }

  /** Whether {@link #loadOnce} has nothing to do any more. */
  static boolean loaded() {
    synchronized (LOADING) {
      return loaded;
    }
  }

  /** The application ends: it has deregistered the driver. */
  static void end() {
    if (loaded()) {
      Replicas.end();
    }
  }

  /**
   * Where a connection stands: its state, and how new that is. Works on a connection of
   * sqlite-jdbc, of ours, or a pool's wrapper around one; makes no request. So do all of the
   * following, but where they say so.
   *
   * @throws SQLException when its main database is no replica
   */
  public static ReplicaPosition position(Connection connection) throws SQLException {
    return Freshness.position(connection);
  }

  /**
   * Looks at the store now, so that the connection's next transaction sees at least what was there
   * when this was called. Calls at the same time share a look.
   *
   * @throws SQLException when the store fails, or does not answer within {@code request_timeout};
   *     the store's exception is the cause; when the thread is interrupted, which it stays; and
   *     when the connection is closed meanwhile
   */
  public static void refresh(Connection connection) throws SQLException {
    Freshness.refresh(connection);
  }

  /**
   * Waits until the connection's next transaction sees at least this TXID. A transaction that is
   * open keeps its state, and a connection that has gone to the past stays there. The store is
   * looked at each {@code poll_interval} meanwhile; while it is down, the wait goes on.
   *
   * @param txid hex, as {@code PRAGMA litestream_txid} shows it
   * @return false when the time is over
   * @throws SQLException when the thread is interrupted, which it stays, or the connection is
   *     closed
   */
  public static boolean await(Connection connection, String txid, Duration timeout)
      throws SQLException {
    return Freshness.await(connection, txid, timeout);
  }

  /**
   * Waits until the connection's next transaction sees what the primary has committed up to an
   * instant; otherwise as {@link #await(Connection, String, Duration)}.
   *
   * <p>States bear the time of their sync, by the primary's clock, which follows the commit within
   * Litestream's sync interval. So take the instant right after the commit, on the primary's
   * machine: then what is seen is never too old. An instant by a clock that is ahead, or taken when
   * the sync has already happened, waits for the commit after; one by a clock that is behind may
   * end the wait too early, by as much.
   *
   * @param commitTime taken right after the commit
   */
  public static boolean await(Connection connection, Instant commitTime, Duration timeout)
      throws SQLException {
    return Freshness.await(connection, commitTime, timeout);
  }

  /**
   * Tells a listener of each new state of the connection's replica: on a thread of the library, one
   * call at a time, in order. A listener that is slow is not told of states in between, but always
   * of the newest. Its exceptions are logged. The store is looked at each {@code poll_interval}
   * while anybody listens.
   *
   * @return ends it; it also ends when the replica has had no connection for a minute
   */
  public static StateListener listen(Connection connection, Consumer<ReplicaState> listener)
      throws SQLException {
    return Freshness.listen(connection, listener);
  }

  /**
   * Shows the state of an instant until the scope is closed. May read from the store.
   *
   * @param time as {@code PRAGMA litestream_time}: {@code 2024-01-15T10:30:00Z}, {@code 5 minutes
   *     ago}, ...
   * @throws SQLException when the connection is in a transaction that has read already, or the
   *     state is not to be had
   */
  public static TimeScope asOf(Connection connection, String time) throws SQLException {
    return new Session(connection).travel("litestream_time", time);
  }

  /** Shows the newest state that was synced before an instant; otherwise as with a text. */
  public static TimeScope asOf(Connection connection, Instant time) throws SQLException {
    return asOf(connection, time.toString());
  }

  /**
   * Shows exactly the state of a TXID until the scope is closed. May read from the store.
   *
   * @param txid hex, as {@code PRAGMA litestream_txid} shows it
   * @throws SQLException as {@link #asOf}; where compaction has removed the state, with the nearest
   *     ones that are left
   */
  public static TimeScope asOfTxid(Connection connection, String txid) throws SQLException {
    return new Session(connection).travel("litestream_txid", txid);
  }

  /** What the replicas of this process have asked their stores for so far. */
  public static StoreRequests storeRequests() {
    return CountingStore.total();
  }

  /** What the replicas of this process have done so far, and where they stand. */
  public static LitestreamStats stats() {
    return Replicas.stats();
  }

  private static SQLiteConnection unwrap(Connection connection) throws SQLException {
    if (connection instanceof SQLiteConnection sqlite) {
      return sqlite;
    }
    if (connection.isWrapperFor(SQLiteConnection.class)) {
      return connection.unwrap(SQLiteConnection.class);
    }
    throw ErrorKind.USAGE.exception(
        "Litestream.load needs a connection of sqlite-jdbc (org.sqlite.SQLiteConnection, of the"
            + " class loader that has litestream-jdbc), found "
            + connection.getClass().getName(),
        0,
        null);
  }

  /** SQLite checks the permission before it looks at the path, and does nothing for NULL. */
  private static boolean canLoadExtensions(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT load_extension(NULL)")) {
      return row.next();
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).contains("not authorized")) {
        return false;
      }
      throw e;
    }
  }

  private static void loadExtension(Connection connection, Path library) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT load_extension(?, ?)")) {
      statement.setString(1, library.toString());
      statement.setString(2, ENTRY_POINT);
      statement.executeQuery().close();
    } catch (SQLException e) {
      throw cannotLoad("SQLite does not take " + library + ": " + e.getMessage(), e);
    }
  }

  private static SQLException cannotLoad(String why, Exception e) {
    return ErrorKind.CANNOT_OPEN.exception("cannot load litestream-jdbc: " + why, 0, e);
  }
}

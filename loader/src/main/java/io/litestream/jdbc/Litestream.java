package io.litestream.jdbc;

import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeException;
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
import java.util.List;
import java.util.Properties;
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
      throw new SQLException("Litestream.load needs an open connection; this one is closed");
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
      throw new SQLException("cannot load litestream-jdbc: " + e.getMessage(), e);
    } catch (IllegalCallerException e) {
      throw new SQLException(
          "cannot load litestream-jdbc: the JVM denies native access; start it with"
              + " --enable-native-access="
              + nativeAccess(),
          e);
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
    } catch (IllegalArgumentException | IOException e) {
      throw new SQLException("cannot list the states of the replica: " + e.getMessage(), e);
    }
  }

  /** Loads the VFS where this class loader has not done so yet. */
  static void loadOnce() throws SQLException {
    synchronized (LOADING) {
      if (!loaded) {
        // Not by DriverManager, which looks only where the caller's class loader does.
        try (Connection any = JDBC.createConnection("jdbc:sqlite::memory:", new Properties())) {
          load(any);
        }
        loaded = true;
      }
    }
  }

  /** What the replicas of this process have asked their stores for so far. */
  public static StoreRequests storeRequests() {
    return CountingStore.total();
  }

  /** What the replicas of this process have done so far, and where they stand. */
  public static LitestreamStats stats() {
    return Replicas.stats();
  }

  private static String nativeAccess() {
    Module module = Litestream.class.getModule();
    return module.isNamed() ? module.getName() : "ALL-UNNAMED";
  }

  private static SQLiteConnection unwrap(Connection connection) throws SQLException {
    if (connection instanceof SQLiteConnection sqlite) {
      return sqlite;
    }
    if (connection.isWrapperFor(SQLiteConnection.class)) {
      return connection.unwrap(SQLiteConnection.class);
    }
    throw new SQLException(
        "Litestream.load needs a connection of sqlite-jdbc (org.sqlite.SQLiteConnection, of the"
            + " class loader that has litestream-jdbc), found "
            + connection.getClass().getName());
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
      throw new SQLException(
          "cannot load litestream-jdbc: SQLite does not take " + library + ": " + e.getMessage(),
          e);
    }
  }
}

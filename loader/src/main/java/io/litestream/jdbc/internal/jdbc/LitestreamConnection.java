package io.litestream.jdbc.internal.jdbc;

import io.litestream.jdbc.internal.ffi.HostUpcalls;
import java.lang.System.Logger.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4Statement;

/**
 * A connection to a replica: always read-only, and tolerant of what pools and frameworks do to
 * read-only connections, which sqlite-jdbc's own is not. All that calls SQLite goes through {@link
 * Calls}.
 */
public final class LitestreamConnection extends JDBC4Connection {

  private static final System.Logger LOG = System.getLogger("io.litestream.jdbc");

  /** Null only inside sqlite-jdbc's constructor, which sets its PRAGMAs through statements. */
  private final @Nullable Calls opened;

  private final SessionReset session;
  private final boolean sessionKeep;
  private volatile int networkTimeout;
  private volatile boolean tearingDown;

  private LitestreamConnection(
      String metadataUrl, String fileName, Properties properties, boolean sessionKeep)
      throws SQLException {
    super(metadataUrl, fileName, properties);
    this.opened = new Calls(getDatabase(), new SqlErrors(false, this::lastError));
    this.session = new SessionReset(this, calls());
    this.sessionKeep = sessionKeep;
  }

  /**
   * Opens a replica.
   *
   * @param metadataUrl what {@code getMetaData().getURL()} answers
   * @param fileName the URI that SQLite opens
   * @param properties sqlite-jdbc's
   * @param sessionKeep whether what one borrower of a pool changed is left to the next one
   */
  public static LitestreamConnection open(
      String metadataUrl, String fileName, Properties properties, boolean sessionKeep)
      throws SQLException {
    HostUpcalls.clearFailure();
    try {
      return new LitestreamConnection(metadataUrl, fileName, properties, sessionKeep);
    } catch (SQLException e) {
      throw new SqlErrors(true, () -> "").translate(e);
    }
  }

  private Calls calls() {
    return Objects.requireNonNull(opened, "the connection is being opened");
  }

  /** Why the last file could not be opened. Called with the turn. */
  private String lastError() {
    try (Statement statement = new JDBC4Statement(this);
        ResultSet row = statement.executeQuery("PRAGMA litestream_last_error")) {
      return row.next() ? Objects.requireNonNullElse(row.getString(1), "") : "";
    } catch (SQLException e) {
      return "";
    }
  }

  // ----------------------------------------------------------------------------------------
  // statements

  @Override
  public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
    Calls calls = opened;
    if (calls == null) {
      return super.createStatement(type, concurrency, holdability);
    }
    calls.check();
    checkCursor(type, concurrency, holdability);
    return new LitestreamStatement(this, calls);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    checkCursor(type, concurrency, holdability);
    return calls()
        .run(Execution.unlimited(), () -> new LitestreamPreparedStatement(this, calls(), sql));
  }

  @Override
  protected void checkCursor(int type, int concurrency, int holdability) throws SQLException {
    try {
      super.checkCursor(type, concurrency, holdability);
    } catch (SQLException e) {
      throw ErrorKind.NOT_SUPPORTED.exception(String.valueOf(e.getMessage()), 0, e);
    }
  }

  // --------------------------------------------------------------------------------------
  // transactions

  @Override
  public void setAutoCommit(boolean autoCommit) throws SQLException {
    calls().run(() -> super.setAutoCommit(autoCommit));
  }

  @Override
  public void commit() throws SQLException {
    calls().run(super::commit);
  }

  @Override
  public void rollback() throws SQLException {
    calls().run(() -> super.rollback());
  }

  @Override
  public void rollback(Savepoint savepoint) throws SQLException {
    calls().run(() -> super.rollback(savepoint));
  }

  @Override
  public Savepoint setSavepoint() throws SQLException {
    return calls().run(Execution.unlimited(), () -> super.setSavepoint());
  }

  @Override
  public Savepoint setSavepoint(String name) throws SQLException {
    return calls().run(Execution.unlimited(), () -> super.setSavepoint(name));
  }

  @Override
  public void releaseSavepoint(Savepoint savepoint) throws SQLException {
    calls().run(() -> super.releaseSavepoint(savepoint));
  }

  @Override
  public void setTransactionIsolation(int level) throws SQLException {
    calls().run(() -> super.setTransactionIsolation(level));
  }

  // ----------------------------------------------------------------------------------------
  // read-only

  /** Accepted, whatever it asks for: there is nothing to change. */
  @Override
  public void setReadOnly(boolean readOnly) throws SQLException {
    checkOpen();
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  // -------------------------------------------------------------------------------------------
  // session

  /** Also the end of a session: pools call it whenever a connection is given back. */
  @Override
  public void clearWarnings() {
    resetSession();
  }

  @Override
  public void beginRequest() {
    resetSession();
  }

  @Override
  public void endRequest() {
    resetSession();
  }

  private void resetSession() {
    if (!sessionKeep) {
      session.run();
    }
  }

  // -------------------------------------------------------------------------------------------
  // closing

  @Override
  public boolean isValid(int timeoutSeconds) throws SQLException {
    if (timeoutSeconds < 0) {
      throw ErrorKind.WRONG_VALUE.exception(
          "isValid needs a timeout of 0 or more seconds, got " + timeoutSeconds, 0, null);
    }
    if (isClosed() || calls().broken()) {
      return false;
    }
    try {
      return calls()
          .run(
              new Execution(timeoutSeconds),
              () -> {
                getDatabase().exec("SELECT 1", getAutoCommit());
                return true;
              });
    } catch (SQLException e) {
      return false;
    }
  }

  /** Stops what runs on another thread; sqlite-jdbc's would wait for it. */
  @Override
  public void close() throws SQLException {
    if (!getDatabase().isClosed()) {
      calls().close(this::tearDown);
    }
  }

  private void tearDown() throws SQLException {
    tearingDown = true; // sqlite-jdbc closes only what says that it is open
    try {
      super.close();
    } finally {
      tearingDown = false;
    }
  }

  @Override
  public void abort(@Nullable Executor executor) throws SQLException {
    if (executor == null) {
      throw ErrorKind.WRONG_VALUE.exception("abort needs an executor, got null", 0, null);
    }
    if (isClosed()) {
      return;
    }
    calls().stop();
    executor.execute(
        () -> {
          try {
            close();
          } catch (SQLException e) {
            LOG.log(Level.WARNING, "an aborted connection cannot be closed: " + e.getMessage());
          }
        });
  }

  @Override
  public boolean isClosed() {
    Calls calls = opened;
    boolean stopped = calls != null && calls.stopped() && !tearingDown;
    return stopped || getDatabase().isClosed();
  }

  @Override
  protected void checkOpen() throws SQLException {
    Calls calls = opened;
    if (calls == null) {
      super.checkOpen();
    } else if (!tearingDown) {
      calls.check();
    }
  }

  /**
   * Bounds each call into SQLite, and so each wait for the store.
   *
   * @param executor not used: the connection stays open
   */
  @Override
  public void setNetworkTimeout(@Nullable Executor executor, int milliseconds) throws SQLException {
    checkOpen();
    if (milliseconds < 0) {
      throw ErrorKind.WRONG_VALUE.exception(
          "the network timeout must be 0 or more milliseconds, got " + milliseconds, 0, null);
    }
    networkTimeout = milliseconds;
    calls().callLimit(TimeUnit.MILLISECONDS.toNanos(milliseconds));
  }

  @Override
  public int getNetworkTimeout() {
    return networkTimeout;
  }
}

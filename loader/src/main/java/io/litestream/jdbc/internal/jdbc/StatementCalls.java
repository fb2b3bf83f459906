package io.litestream.jdbc.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.CoreResultSet;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.DB;
import org.sqlite.core.SafeStmtPtr;

/** What statements and prepared statements have in common: executions and their result sets. */
final class StatementCalls {

  private final Calls calls;
  private final CoreStatement statement;
  private volatile @Nullable Execution current;
  private @Nullable LitestreamResultSet results;
  private boolean readingEnded;

  StatementCalls(Calls calls, CoreStatement statement) {
    this.calls = calls;
    this.statement = statement;
  }

  /** Runs a new execution, which ends the one before. */
  <T> T execute(int timeoutSeconds, SqlCall<T> call) throws SQLException {
    detach();
    Execution execution = new Execution(timeoutSeconds);
    current = execution;
    return calls.run(
        execution,
        () -> {
          calls.opened(this);
          readingEnded = false;
          return call.run();
        });
  }

  /**
   * The result set that the user gets.
   *
   * @param made gives what sqlite-jdbc made, now waiting for its first {@code next}; null for none
   */
  @Nullable ResultSet results(SqlCall<@Nullable ResultSet> made, CoreResultSet same)
      throws SQLException {
    Execution execution = current;
    ResultSet inner;
    try {
      inner = made.run();
    } catch (SQLException e) {
      throw SqlErrors.misuse(e, ErrorKind.USAGE);
    }
    if (inner == null || execution == null) {
      return inner;
    }
    if (readingEnded) {
      throw LitestreamResultSet.readingEnded();
    }
    results = new LitestreamResultSet(statement, same, calls, execution);
    return results;
  }

  void cancel() {
    Execution execution = current;
    if (execution != null) {
      calls.cancel(execution);
    }
  }

  /** Ends the current execution, also one that runs on another thread. */
  void finish(SqlAction action) throws SQLException {
    calls.finish(
        current,
        () -> {
          detach();
          action.run();
        });
  }

  /** Ends the current execution, and the statement. */
  void close(SqlAction action) throws SQLException {
    finish(
        () -> {
          calls.closed(this);
          action.run();
        });
  }

  /** Takes the rows that are left away from whoever reads them. Only with the turn. */
  void endReading() throws SQLException {
    LitestreamResultSet old = results;
    if (old != null) {
      old.endReading();
    }
    readingEnded = true;
    SafeStmtPtr pointer = statement.pointer;
    if (pointer != null && !pointer.isClosed()) {
      pointer.safeRunInt(DB::reset);
    }
  }

  boolean connectionClosed() {
    return calls.stopped();
  }

  private void detach() {
    LitestreamResultSet old = results;
    results = null;
    if (old != null) {
      old.open = false;
    }
  }
}

package io.litestream.jdbc.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.sqlite.core.CoreResultSet;
import org.sqlite.core.CoreStatement;
import org.sqlite.jdbc4.JDBC4ResultSet;

/**
 * Rows that can be waited for: {@code next} is a call like the execution that it belongs to. The
 * getters read values that are in memory; only what they check first can fail.
 *
 * <p>Stands in for the result set that sqlite-jdbc's statement makes and keeps for itself, over the
 * same cursor of SQLite.
 */
final class LitestreamResultSet extends JDBC4ResultSet {

  private final CoreResultSet inner;
  private final Calls calls;
  private final Execution execution;
  private final SqlCall<Boolean> step = super::next;
  private volatile boolean readingEnded;

  LitestreamResultSet(
      CoreStatement statement, CoreResultSet inner, Calls calls, Execution execution)
      throws SQLException {
    super(statement);
    this.inner = inner;
    this.calls = calls;
    this.execution = execution;
    open = inner.open;
    emptyResultSet = inner.emptyResultSet;
    cols = inner.cols;
    colsMeta = inner.colsMeta;
    maxRows = inner.maxRows;
    closeStmt = inner.closeStmt;
    inner.closeStmt = false;
    setFetchSize(((ResultSet) inner).getFetchSize());
  }

  @Override
  public boolean next() throws SQLException {
    if (readingEnded) {
      throw readingEnded(); // not false: there are more rows
    }
    if (row == 0) {
      return super.next(); // the execution has read the first row
    }
    try {
      return calls.run(execution, step);
    } catch (SQLException e) {
      try {
        close(); // SQLite would begin anew at the first row
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  @Override
  protected void checkOpen() throws SQLException {
    if (readingEnded) {
      throw readingEnded();
    }
    if (!open) {
      throw ErrorKind.USAGE.exception(
          "the result set is closed: by close(), with its statement, or by the statement's next"
              + " execution",
          0,
          null);
    }
  }

  @Override
  public int checkCol(int column) throws SQLException {
    checkOpen();
    try {
      return super.checkCol(column);
    } catch (SQLException e) {
      throw SqlErrors.misuse(e, ErrorKind.USAGE);
    }
  }

  @Override
  public int findColumn(String name) throws SQLException {
    try {
      return super.findColumn(name);
    } catch (SQLException e) {
      throw SqlErrors.misuse(e, ErrorKind.SYNTAX);
    }
  }

  @Override
  public void close() throws SQLException {
    if (!open) {
      return;
    }
    calls.finish(
        execution,
        () -> {
          super.close();
          inner.close();
        });
    open = false;
  }

  /** The session has ended, with rows left to read. */
  void endReading() {
    readingEnded = open;
    open = false;
  }

  static SQLException readingEnded() {
    return ErrorKind.USAGE.exception(
        "the result set was ended with the session: the connection was given back to its pool, or"
            + " its clearWarnings, beginRequest or endRequest was called, after time travel, ATTACH"
            + " or BEGIN",
        0,
        null);
  }
}

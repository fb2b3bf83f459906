package io.litestream.jdbc.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.jdbc4.JDBC4Statement;

/** A statement whose calls into SQLite go through {@link Calls}. */
final class LitestreamStatement extends JDBC4Statement {

  private final StatementCalls calls;

  LitestreamStatement(LitestreamConnection connection, Calls calls) {
    super(connection);
    this.calls = new StatementCalls(calls, this);
  }

  @Override
  public boolean execute(String sql) throws SQLException {
    return calls.execute(getQueryTimeout(), () -> super.execute(sql));
  }

  @Override
  public ResultSet executeQuery(String sql) throws SQLException {
    return calls.execute(getQueryTimeout(), () -> super.executeQuery(sql));
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    return calls.execute(getQueryTimeout(), () -> super.executeLargeUpdate(sql));
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    return calls.execute(getQueryTimeout(), super::executeLargeBatch);
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    return pointer == null ? null : calls.results(super::getResultSet, rs);
  }

  @Override
  public boolean getMoreResults(int current) throws SQLException {
    if (pointer == null) {
      return false;
    }
    boolean[] more = new boolean[1];
    calls.finish(() -> more[0] = super.getMoreResults(current));
    return more[0];
  }

  @Override
  public void cancel() {
    calls.cancel();
  }

  @Override
  public void close() throws SQLException {
    calls.close(super::close);
  }

  @Override
  public boolean isClosed() {
    return super.isClosed() || calls.connectionClosed();
  }
}

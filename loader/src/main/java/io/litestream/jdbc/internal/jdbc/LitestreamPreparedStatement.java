package io.litestream.jdbc.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.jdbc4.JDBC4PreparedStatement;

/** A prepared statement whose calls into SQLite go through {@link Calls}. */
final class LitestreamPreparedStatement extends JDBC4PreparedStatement {

  private final StatementCalls calls;

  LitestreamPreparedStatement(LitestreamConnection connection, Calls calls, String sql)
      throws SQLException {
    super(connection, sql);
    this.calls = new StatementCalls(calls, this);
  }

  @Override
  public boolean execute() throws SQLException {
    return calls.execute(getQueryTimeout(), super::execute);
  }

  @Override
  public ResultSet executeQuery() throws SQLException {
    return calls.execute(getQueryTimeout(), super::executeQuery);
  }

  @Override
  public long executeLargeUpdate() throws SQLException {
    return calls.execute(getQueryTimeout(), super::executeLargeUpdate);
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    return calls.execute(getQueryTimeout(), super::executeLargeBatch);
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    return calls.results(super::getResultSet, rs);
  }

  @Override
  public boolean getMoreResults(int current) throws SQLException {
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

package io.litestream.jdbc;

import java.sql.SQLException;

/**
 * A stay in the past, from {@link Litestream#asOf} until it is closed. Scopes of one connection
 * nest: the inner one is closed first. Belongs to the connection's thread.
 */
public interface TimeScope extends AutoCloseable {

  /**
   * Returns the connection to where it was before: exactly that state, without a request to the
   * store. A transaction that is open keeps its state; the next one is where the connection was.
   * Scopes within this one end with it. Closing again, after the connection, or after a pool has
   * reset it does nothing.
   *
   * @throws SQLException when the connection refuses, such as one that is broken
   */
  @Override
  void close() throws SQLException;
}

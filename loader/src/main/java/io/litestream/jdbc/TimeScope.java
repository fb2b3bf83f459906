package io.litestream.jdbc;

import java.sql.SQLException;

/**
 * A stay in the past, from {@link Litestream#asOf} until it is closed. Scopes of one connection
 * nest: the inner one is closed first. Belongs to the connection's thread.
 */
public interface TimeScope extends AutoCloseable {

  /**
   * Returns the connection to where it was before. A transaction that is open keeps its state; the
   * next one is where the connection was. Closing again does nothing.
   *
   * @throws SQLException when the connection is in a transaction and was in another past before the
   *     scope: end the transaction first
   */
  @Override
  void close() throws SQLException;
}

package io.litestream.benchmarks.compare;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A way to read a replica in S3 through JDBC. */
interface Contender {

  /**
   * Connects as an application would.
   *
   * @param place bucket and path of the replica
   */
  Connection open(String place) throws SQLException;

  /** Shows a connection the past; null returns to the present. */
  void travel(Connection connection, @Nullable Instant time) throws SQLException;

  /** Brings all pages that a connection will read as near as it keeps them. */
  void warm(Connection connection) throws SQLException;

  /** Waits for the copy of the whole database, if it makes one and says when it is complete. */
  default void awaitCopy(Connection connection) throws SQLException {}

  /** Makes the next {@link #open} as cold as that of a new process; no connection is open. */
  void forget();

  /** Second requests for what was late, since the process began. */
  default long hedges() {
    return 0;
  }
}

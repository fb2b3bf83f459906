package io.litestream.jdbc;

import io.litestream.jdbc.internal.replica.Replica;
import io.litestream.jdbc.internal.replica.ReplicaException;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.jdbc.internal.replica.World;
import io.litestream.jdbc.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * How new a connection's state is, and waiting for a newer one: the bodies of {@link Litestream}.
 */
final class Freshness {

  private static final String CONNECTION_FAILURE = "08006";
  private static final String INVALID_AUTHORIZATION = "28000";
  private static final String CANCELLED = "HY008";

  private Freshness() {}

  static ReplicaPosition position(Connection connection) throws SQLException {
    Session session = new Session(connection);
    Session.Place place = session.place();
    Replica replica = session.replica();
    return new ReplicaPosition(
        place.txid(),
        place.commitTime(),
        Duration.ofSeconds(Math.max(0, replica.lag())),
        Duration.ofMillis(Math.max(0, replica.lookAge())),
        place.travelled());
  }

  static void refresh(Connection connection) throws SQLException {
    Replica replica = new Session(connection).replica();
    try {
      replica.refresh(replica.requestTimeout());
    } catch (StoreException e) {
      throw e.kind() == StoreException.Kind.DENIED
          ? new SQLInvalidAuthorizationSpecException(e.getMessage(), INVALID_AUTHORIZATION, e)
          : new SQLTransientConnectionException(e.getMessage(), CONNECTION_FAILURE, e);
    } catch (ReplicaException e) {
      throw new SQLTransientConnectionException(e.getMessage(), CONNECTION_FAILURE, e);
    } catch (World.InterruptedWait e) {
      throw new SQLException("interrupted while looking for news", CANCELLED, e);
    }
  }

  static boolean await(Connection connection, String txid, Duration timeout) throws SQLException {
    long wanted = Session.txid(txid);
    Replica replica = new Session(connection).replica();
    return await(() -> replica.awaitTxid(wanted, timeout), "TXID " + txid);
  }

  static boolean await(Connection connection, Instant time, Duration timeout) throws SQLException {
    Replica replica = new Session(connection).replica();
    // Litestream's times have milliseconds.
    Instant wanted = Instant.ofEpochMilli(time.toEpochMilli());
    return await(() -> replica.awaitTime(wanted, timeout), "a state of " + time);
  }

  private interface Wait {
    boolean run() throws InterruptedException;
  }

  private static boolean await(Wait wait, String what) throws SQLException {
    try {
      return wait.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for " + what, CANCELLED, e);
    }
  }

  static StateListener listen(Connection connection, Consumer<ReplicaState> listener)
      throws SQLException {
    Runnable end = new Session(connection).replica().listen(listener, Replicas.threads());
    return end::run;
  }
}

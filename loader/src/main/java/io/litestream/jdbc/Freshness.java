package io.litestream.jdbc;

import io.litestream.jdbc.internal.jdbc.ErrorKind;
import io.litestream.jdbc.internal.jdbc.SqlErrors;
import io.litestream.jdbc.internal.replica.Replica;
import io.litestream.jdbc.internal.replica.ReplicaException;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.jdbc.internal.replica.World;
import io.litestream.jdbc.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * How new a connection's state is, and waiting for a newer one: the bodies of {@link Litestream}.
 */
final class Freshness {

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
      replica.refresh(replica.requestTimeout(), () -> closed(connection));
    } catch (StoreException | ReplicaException e) {
      throw SqlErrors.of(e);
    } catch (World.InterruptedWait e) {
      throw stopped(connection, "looked for news", e);
    }
  }

  static boolean await(Connection connection, String txid, Duration timeout) throws SQLException {
    long wanted = Session.txid(txid);
    Replica replica = new Session(connection).replica();
    return await(connection, stop -> replica.awaitTxid(wanted, timeout, stop));
  }

  static boolean await(Connection connection, Instant time, Duration timeout) throws SQLException {
    Replica replica = new Session(connection).replica();
    // Litestream's times have milliseconds.
    Instant wanted = Instant.ofEpochMilli(time.toEpochMilli());
    return await(connection, stop -> replica.awaitTime(wanted, timeout, stop));
  }

  private interface Wait {
    boolean run(BooleanSupplier stop) throws InterruptedException, World.InterruptedWait;
  }

  private static boolean await(Connection connection, Wait wait) throws SQLException {
    try {
      return wait.run(() -> closed(connection));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped(connection, "waited for a state", e);
    } catch (World.InterruptedWait e) {
      throw stopped(connection, "waited for a state", e);
    }
  }

  private static boolean closed(Connection connection) {
    try {
      return connection.isClosed();
    } catch (SQLException e) {
      return true;
    }
  }

  private static SQLException stopped(Connection connection, String doing, Exception e) {
    return closed(connection)
        ? SqlErrors.connectionClosed()
        : ErrorKind.CANCELED.exception("the thread that " + doing + " was interrupted", 0, e);
  }

  static StateListener listen(Connection connection, Consumer<ReplicaState> listener)
      throws SQLException {
    Runnable end = new Session(connection).replica().listen(listener, Replicas.threads());
    return end::run;
  }
}

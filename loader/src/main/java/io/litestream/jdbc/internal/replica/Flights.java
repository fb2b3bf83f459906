package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** The ranges of objects that are being read: one request serves all who need the same bytes. */
final class Flights {

  /** One of them. Whoever needs it first runs it; the others wait. */
  static final class Flight {

    private final long offset;
    private final int length;
    private final FutureTask<byte[]> task;
    private volatile boolean begun;

    private Flight(long offset, int length, FutureTask<byte[]> task) {
      this.offset = offset;
      this.length = length;
      this.task = task;
    }

    /** Where its bytes begin in the object. */
    long offset() {
      return offset;
    }

    /** Its bytes. Waits for them, on a thread that may wait for a store. */
    byte[] bytes() throws StoreException, ReplicaException {
      begun = true;
      task.run(); // nothing where it runs already, or is over
      try {
        return task.get();
      } catch (ExecutionException e) {
        throw World.rethrown(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException(StoreException.Kind.TRANSIENT, "interrupted", e);
      }
    }

    /** Whether it is on its way: {@link #bytes} would wait for another thread. */
    boolean underWay() {
      return begun && !task.isDone();
    }

    /** Whether it is over, well or not. */
    boolean over() {
      return task.isDone();
    }

    private boolean brings(long from, int bytes) {
      return offset <= from && from + bytes <= offset + length;
    }
  }

  private final ReplicaStore store;
  private final Duration timeout;
  private final Map<Long, List<Flight>> byFile = new HashMap<>(); // guarded by this

  /**
   * @param timeout of each request
   */
  Flights(ReplicaStore store, Duration timeout) {
    this.store = store;
    this.timeout = timeout;
  }

  /** One that brings these bytes of a file, or null. */
  synchronized @Nullable Flight find(long fileId, long offset, int length) {
    for (Flight flight : byFile.getOrDefault(fileId, List.of())) {
      if (flight.brings(offset, length)) {
        return flight;
      }
    }
    return null;
  }

  /** A new one, which {@link #find} gives until {@link #end}. */
  synchronized Flight begin(long fileId, LtxObject object, long offset, int length) {
    Flight flight =
        new Flight(offset, length, new FutureTask<>(() -> read(object, offset, length)));
    byFile.computeIfAbsent(fileId, id -> new ArrayList<>()).add(flight);
    return flight;
  }

  synchronized void end(long fileId, Flight flight) {
    List<Flight> flights = byFile.get(fileId);
    if (flights != null && flights.remove(flight) && flights.isEmpty()) {
      byFile.remove(fileId);
    }
  }

  private byte[] read(LtxObject object, long offset, int length) throws StoreException {
    Fetched fetched = store.read(object, offset, length, timeout);
    if (fetched.bytes().length != length) {
      throw new StoreException(
          StoreException.Kind.TRANSIENT,
          store.describe(object.name())
              + ": expected "
              + length
              + " bytes at "
              + offset
              + ", found "
              + fetched.bytes().length,
          null);
    }
    return fetched.bytes();
  }
}

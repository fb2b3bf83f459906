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

/** The ranges of objects that are being read: one request serves all who need the same bytes. */
final class Flights {

  /** One of them. Whoever needs it first runs it; the others wait. */
  static final class Flight {

    private final long offset;
    private final int length;
    private final FutureTask<byte[]> task;
    private volatile boolean begun;
    private volatile boolean left;
    private boolean background;

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

    /** The reader that began it has gone: nobody will take its bytes. */
    void leave() {
      left = true;
    }

    boolean left() {
      return left;
    }

    /** Nobody is waiting for it. Before it is added. */
    void inBackground() {
      background = true;
    }

    private boolean brings(long from, int bytes) {
      return offset <= from && from + bytes <= offset + length;
    }

    /** Whether it may take so much longer than a request for fewer bytes that one had better go. */
    private boolean slowFor(int bytes) {
      return background && !over() && bytes < length / WORTH_WAITING;
    }
  }

  /** Of a range in the background: for a smaller part of it, a reader asks by itself. */
  private static final int WORTH_WAITING = 4;

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

  /** A new one that nobody can find yet. */
  Flight plan(LtxObject object, long offset, int length) {
    return new Flight(offset, length, new FutureTask<>(() -> read(object, offset, length)));
  }

  /**
   * One that brings these bytes of a file; where there is none, {@code own}, which others find from
   * now on until its {@link #end}.
   */
  synchronized Flight addUnlessBrought(long fileId, Flight own, long offset, int length) {
    for (Flight flight : byFile.getOrDefault(fileId, List.of())) {
      if (flight.brings(offset, length) && !flight.slowFor(own.length)) {
        return flight;
      }
    }
    add(fileId, own);
    return own;
  }

  /** Lets others find it, until its {@link #end}. */
  synchronized void add(long fileId, Flight flight) {
    byFile.computeIfAbsent(fileId, id -> new ArrayList<>()).add(flight);
  }

  /** Ends the one with exactly this range that is over. */
  synchronized void end(long fileId, long offset, int length) {
    for (Flight flight : byFile.getOrDefault(fileId, List.of())) {
      if (flight.over() && flight.offset == offset && flight.length == length) {
        end(fileId, flight);
        return;
      }
    }
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

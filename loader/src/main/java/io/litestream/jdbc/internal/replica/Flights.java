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

/**
 * The ranges of objects that are being read: one request serves all who need the same bytes.
 *
 * <p>A range that overlaps others which are under way leaves to them what they bring, and reads the
 * rest. It waits only for flights that were there before it, so none ever waits for itself.
 */
final class Flights {

  /** One of them. Whoever needs it first runs it; the others wait. */
  static final class Flight {

    private final LtxObject object;
    private final long offset;
    private final int length;
    private final FutureTask<byte[]> task;
    private volatile List<Part> parts = List.of(); // what it is put together from, if not read
    private volatile boolean begun;
    private volatile boolean left;
    private boolean background;

    private Flight(LtxObject object, long offset, int length, Flights flights) {
      this.object = object;
      this.offset = offset;
      this.length = length;
      this.task = new FutureTask<>(() -> flights.read(this));
    }

    /** Where its bytes begin in the object. */
    long offset() {
      return offset;
    }

    /** Of its bytes. */
    int length() {
      return length;
    }

    /** Its bytes. Waits for them, on a thread that may wait for a store. */
    byte[] bytes() throws StoreException, ReplicaException {
      run();
      try {
        return task.get();
      } catch (ExecutionException e) {
        throw World.rethrown(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException(StoreException.Kind.TRANSIENT, "interrupted", e);
      }
    }

    /** Nothing where it runs already, or is over. */
    private void run() {
      begun = true;
      task.run();
      if (task.isDone()) {
        parts = List.of(); // their bytes are no longer needed
      }
    }

    /** Whether it, or a part of it, is on its way: {@link #bytes} would wait for another thread. */
    boolean underWay() {
      return !over() && (begun || parts.stream().anyMatch(part -> part.flight.underWay()));
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

    private long end() {
      return offset + length;
    }

    private boolean brings(long from, int bytes) {
      return offset <= from && from + bytes <= end();
    }

    /** Whether it may take so much longer than a request for fewer bytes that one had better go. */
    private boolean slowFor(int bytes) {
      return background && !over() && bytes < length / WORTH_WAITING;
    }

    /** Whether another had better leave to it what both bring. */
    private boolean spares(Flight other) {
      long from = Math.max(offset, other.offset);
      long upto = Math.min(end(), other.end());
      boolean atAnEnd = from == other.offset || upto == other.end();
      return from < upto && (atAnEnd || upto - from >= WORTH_A_REQUEST) && !slowFor(other.length);
    }
  }

  /**
   * A piece of a range.
   *
   * @param shared whether the flight that brings it, and maybe more, is another's
   */
  private record Part(Flight flight, boolean shared) {}

  /** Of a range in the background: for a smaller part of it, a reader asks by itself. */
  private static final int WORTH_WAITING = 4;

  /** A second request costs as much time as more bytes than that. */
  private static final int WORTH_A_REQUEST = 64 << 10;

  private final ReplicaStore store;
  private final World world;
  private final Duration timeout;
  private final Map<Long, List<Flight>> byFile = new HashMap<>(); // guarded by this

  /**
   * @param timeout of each request
   */
  Flights(ReplicaStore store, World world, Duration timeout) {
    this.store = store;
    this.world = world;
    this.timeout = timeout;
  }

  /** A new one that nobody can find yet. */
  Flight plan(LtxObject object, long offset, int length) {
    return new Flight(object, offset, length, this);
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
    List<Flight> others = byFile.computeIfAbsent(fileId, id -> new ArrayList<>());
    List<Part> parts = parts(flight, others);
    if (parts.size() > 1) {
      flight.parts = parts;
    }
    others.add(flight);
  }

  /** What others bring of a range, in its order, with new flights for what nobody brings. */
  private List<Part> parts(Flight whole, List<Flight> others) {
    List<Flight> sparing =
        others.stream()
            .filter(other -> other.spares(whole))
            .filter(other -> world.concurrent() || !other.underWay())
            .toList();
    List<Part> parts = new ArrayList<>();
    for (long at = whole.offset; at < whole.end(); at = parts.getLast().flight.end()) {
      parts.add(part(whole, at, sparing));
    }
    return parts;
  }

  /** The one that brings most from a place on, else a new one that ends where others begin. */
  private Part part(Flight whole, long at, List<Flight> sparing) {
    Flight most = null;
    long upto = whole.end();
    for (Flight other : sparing) {
      if (other.brings(at, 1) && (most == null || other.end() > most.end())) {
        most = other;
      } else if (other.offset > at) {
        upto = Math.min(upto, other.offset);
      }
    }
    return most != null
        ? new Part(most, true)
        : new Part(plan(whole.object, at, (int) (upto - at)), false);
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

  private byte[] read(Flight flight) throws StoreException, ReplicaException {
    List<Part> parts = flight.parts;
    if (parts.isEmpty()) {
      return read(flight.object, flight.offset, flight.length);
    }
    parts.stream()
        .map(Part::flight)
        .filter(part -> !part.begun)
        .skip(1) // which this thread runs
        .forEach(part -> world.later(part::run));
    byte[] all = new byte[flight.length];
    for (Part part : parts) {
      long from = Math.max(part.flight.offset, flight.offset);
      int length = (int) (Math.min(part.flight.end(), flight.end()) - from);
      copy(part, from, length, all, (int) (from - flight.offset));
    }
    return all;
  }

  /** What another reads may fail for a reason of its own. */
  private void copy(Part part, long from, int length, byte[] to, int at)
      throws StoreException, ReplicaException {
    Flight flight = part.flight;
    try {
      System.arraycopy(flight.bytes(), (int) (from - flight.offset), to, at, length);
    } catch (StoreException e) {
      if (!part.shared) {
        throw e;
      }
      System.arraycopy(read(flight.object, from, length), 0, to, at, length);
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

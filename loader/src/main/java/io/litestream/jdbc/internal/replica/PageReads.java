package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FetchRange;
import io.litestream.jdbc.internal.ffi.FileGap;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.internal.ffi.Range;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.replica.Flights.Flight;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Reads of pages that are not in the cache: those that a reader waits for, and those that a scan
 * will need. Thread-safe.
 */
final class PageReads {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** Of all replicas together: what four scans have under way at most. */
  private static final long MOST_AHEAD = 32 << 20;

  /** Of one replica; leaves two dozen of the connections to readers and the follower. */
  private static final int MOST_REQUESTS_AHEAD = 104;

  private static final AtomicLong AHEAD = new AtomicLong();

  private final Core core;
  private final ReaderWaits waits;
  private final Duration limit;
  private final Flights flights;
  private final Streaming streaming;
  private final Deque<Runnable> waiting = new ArrayDeque<>(); // guarded by itself
  private int running; // guarded by waiting
  private volatile boolean closed;

  /**
   * @param limit how long a reader waits
   * @param idle whether nobody has read for a while
   */
  PageReads(
      Core core, ReaderWaits waits, Duration limit, Streaming.When when, BooleanSupplier idle) {
    this.core = core;
    this.waits = waits;
    this.limit = limit;
    this.flights = new Flights(core.store(), core.world(), core.timeout());
    this.streaming = new Streaming(core, flights, when, idle);
  }

  /** A first state is there. */
  void opened() {
    streaming.opened();
  }

  /** As {@link io.litestream.jdbc.internal.ffi.DbHost#fetch}. */
  void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) throws HostException {
    LtxObject object = openObject(fileId);
    streaming.missed();
    Flight own = flights.plan(object, range.offset(), range.length());
    Flight first = flights.addUnlessBrought(fileId, own, range.needAt(), range.need());
    if (first != own) {
      if (join(reader, first, range, target)) {
        return;
      }
      flights.add(fileId, own);
    }
    if (reader.arrived()) {
      flights.end(fileId, own);
    } else {
      target.put(read(reader, fileId, own));
    }
  }

  /**
   * The bytes of the reader's own flight, which goes on until they are {@link #taken}: who looks
   * for a page meanwhile finds the flight, and afterwards the page.
   */
  private byte[] read(Reader reader, long fileId, Flight own) throws HostException {
    boolean given = false;
    try {
      byte[] bytes = waits.get(() -> read(fileId, own), limit, reader);
      given = true;
      return bytes;
    } finally {
      if (!given) {
        own.leave();
        endIfLeft(fileId, own);
      }
    }
  }

  private byte[] read(long fileId, Flight own) throws StoreException, ReplicaException {
    try {
      return own.bytes();
    } finally {
      endIfLeft(fileId, own);
    }
  }

  /** Ends what is over and has no reader any more: whichever of the two comes last sees both. */
  private void endIfLeft(long fileId, Flight flight) {
    if (flight.over() && flight.left()) {
      flights.end(fileId, flight);
    }
  }

  /** As {@link io.litestream.jdbc.internal.ffi.DbHost#locate}. */
  void locate(Reader reader, long fileId, Range index, Range frames, ByteBuffer target)
      throws HostException {
    LtxObject object = openObject(fileId);
    streaming.missed();
    List<World.StoreCall<byte[]>> calls = new ArrayList<>();
    for (Range range : List.of(index, frames)) {
      if (range.length() > 0) {
        calls.add(() -> shared(fileId, flights.plan(object, range.offset(), range.length())));
      }
    }
    waits.get(() -> core.world().all(calls), limit, reader).forEach(target::put);
  }

  /** The bytes of a flight, or of another one's that brings them. */
  private byte[] shared(long fileId, Flight own) throws StoreException, ReplicaException {
    Flight flight = flights.addUnlessBrought(fileId, own, own.offset(), own.length());
    if (flight != own && !blocks(flight)) {
      int from = (int) (own.offset() - flight.offset());
      return Arrays.copyOfRange(flight.bytes(), from, from + own.length());
    }
    try {
      return own.bytes();
    } finally {
      flights.end(fileId, own);
    }
  }

  private LtxObject openObject(long fileId) throws HostException {
    LtxObject object = core.table().object(fileId);
    if (object == null) {
      throw new HostException(SqliteCode.NOTFOUND, "file " + fileId + " is closed", null);
    }
    return object;
  }

  /** As {@link io.litestream.jdbc.internal.ffi.DbHost#taken}. */
  void taken(long fileId, long offset, int length) {
    flights.end(fileId, offset, length);
  }

  /** False when the flight, which brings what is needed, has failed. */
  private boolean join(Reader reader, Flight other, FetchRange range, ByteBuffer target)
      throws HostException {
    if (blocks(other)) {
      return false;
    }
    byte[] bytes;
    try {
      bytes = waits.get(other::bytes, limit, reader);
    } catch (HostException e) {
      if (e.code() == SqliteCode.INTERRUPT || !other.over()) {
        throw e;
      }
      return false;
    }
    target.put(bytes, (int) (range.needAt() - other.offset()), range.need());
    return true;
  }

  /** Whether a wait for it would not end. */
  private boolean blocks(Flight flight) {
    return flight.underWay() && !core.world().concurrent();
  }

  /** As {@link io.litestream.jdbc.internal.ffi.DbHost#ahead}. */
  boolean ahead(NativeFile file, long fileId, int ordinal, long offset, int length) {
    LtxObject object = core.table().object(fileId);
    if (object == null || closed) {
      return false;
    }
    if (AHEAD.addAndGet(length) > MOST_AHEAD) {
      AHEAD.addAndGet(-length);
      return false;
    }
    FileGap gap;
    Flight flight;
    synchronized (flights) { // what has ended until now is in the cache
      gap = missing(file, ordinal, offset, length);
      flight = flights.plan(object, gap.offset(), gap.length());
      if (gap.length() == 0
          || flights.addUnlessBrought(fileId, flight, gap.offset(), gap.length()) != flight) {
        AHEAD.addAndGet(-length);
        file.close(); // another reader's scan has asked for it
        return true;
      }
    }
    inTurn(() -> bring(file, fileId, gap.ordinal(), flight, length));
    return true;
  }

  /** The range without the frames at its begin that are in the cache by now. */
  private static FileGap missing(NativeFile file, int ordinal, long offset, int length) {
    if (ordinal == NativeFile.PAGE_INDEX) {
      return new FileGap(ordinal, offset, length, ordinal);
    }
    FileGap gap = file.gap(ordinal, length);
    long end = offset + length;
    return gap == null || gap.offset() >= end
        ? new FileGap(ordinal, end, 0, ordinal)
        : new FileGap(
            gap.ordinal(),
            gap.offset(),
            (int) Math.min(gap.length(), end - gap.offset()),
            gap.next());
  }

  /** Tasks run in the order in which they came. */
  private void inTurn(Runnable task) {
    synchronized (waiting) {
      if (running == MOST_REQUESTS_AHEAD) {
        waiting.add(task);
        return;
      }
      running++;
    }
    core.world().later(() -> runAndGoOn(task));
  }

  private void runAndGoOn(Runnable task) {
    task.run();
    Runnable next;
    synchronized (waiting) {
      next = waiting.poll();
      if (next == null) {
        running--;
        return;
      }
    }
    Runnable turn = next;
    core.world().later(() -> runAndGoOn(turn));
  }

  /** A failure is not told: the reader that needs the bytes will meet it by itself. */
  private void bring(NativeFile file, long fileId, int ordinal, Flight flight, int length) {
    try (file) {
      if (!closed && !blocks(flight)) {
        file.offer(ordinal, flight.offset(), flight.bytes());
      }
    } catch (StoreException | ReplicaException | RuntimeException | OutOfMemoryError e) {
      LOG.log(Level.DEBUG, "read-ahead failed: " + e.getMessage());
    } finally {
      flights.end(fileId, flight);
      AHEAD.addAndGet(-length);
    }
  }

  /** Nothing is taken any more, and what was not begun is dropped. */
  void close() {
    closed = true;
    streaming.close();
  }
}

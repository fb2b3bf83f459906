package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FetchRange;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.replica.Flights.Flight;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads of pages that are not in the cache: those that a reader waits for, and those that a scan
 * will need. Thread-safe.
 */
final class PageReads {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** Of all replicas together: what four scans have under way at most. */
  private static final long MOST_AHEAD = 32 << 20;

  private static final AtomicLong AHEAD = new AtomicLong();

  private final Core core;
  private final ReaderWaits waits;
  private final Duration limit;
  private final Flights flights;
  private volatile boolean closed;

  /**
   * @param limit how long a reader waits
   */
  PageReads(Core core, ReaderWaits waits, Duration limit) {
    this.core = core;
    this.waits = waits;
    this.limit = limit;
    this.flights = new Flights(core.store(), core.timeout());
  }

  /** As {@link io.litestream.jdbc.internal.ffi.DbHost#fetch}. */
  void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) throws HostException {
    LtxObject object = core.table().object(fileId);
    if (object == null) {
      throw new HostException(SqliteCode.NOTFOUND, "file " + fileId + " is closed", null);
    }
    if (!join(reader, fileId, range, target)) {
      Flight own = flights.begin(fileId, object, range.offset(), range.length());
      target.put(waits.get(() -> ended(fileId, own), limit, reader));
    }
  }

  /** Ends the flight where its bytes are, or its failure: its reader may have gone by then. */
  private byte[] ended(long fileId, Flight flight) throws StoreException, ReplicaException {
    try {
      return flight.bytes();
    } finally {
      flights.end(fileId, flight);
    }
  }

  /** False when nothing is under way that brings what is needed, or when it has failed. */
  private boolean join(Reader reader, long fileId, FetchRange range, ByteBuffer target)
      throws HostException {
    Flight other = flights.find(fileId, range.needAt(), range.need());
    if (other == null || blocks(other)) {
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
    if (flights.find(fileId, offset, length) != null) {
      file.close(); // another reader's scan has asked for it
      return true;
    }
    if (AHEAD.addAndGet(length) > MOST_AHEAD) {
      AHEAD.addAndGet(-length);
      return false;
    }
    Flight flight = flights.begin(fileId, object, offset, length);
    core.world().later(() -> bring(file, fileId, ordinal, flight, length));
    return true;
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
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileGap;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.replica.FileTable.Known;
import io.litestream.jdbc.internal.replica.FileTable.Lease;
import io.litestream.jdbc.internal.replica.Flights.Flight;
import io.litestream.jdbc.store.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings all pages of the newest state into the page cache in the background, where they fit.
 *
 * <p>A database that is read here and there costs a request for each place; a few large requests
 * bring all of it for less. Each file is streamed once: what the cache then evicts comes back one
 * by one, so that replicas that push each other out of the cache cost no endless traffic.
 *
 * <p>Thread-safe. No reader waits for it: a reader that needs a page of a range that is being
 * streamed asks for a range of its own, unless that would be about as large.
 */
final class Streaming {

  /** When a replica is streamed. */
  enum When {
    /** From the first state on. */
    AT_ONCE,
    /** Once reads show that it pays. */
    IN_USE,
    NEVER
  }

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** A larger request brings no more bytes a second, and is more to lose. */
  private static final int RANGE = 4 << 20;

  /** Two keep the link busy between them, and leave most of it to readers. */
  private static final int SIDE_BY_SIDE = 2;

  /** So many requests of readers cost about as much as streaming a database that fits. */
  private static final int MISSES = 12;

  /** Who still misses pages after that is here to stay. */
  private static final Duration USE = Duration.ofSeconds(10);

  /** What a page costs in the cache beside its bytes, with room to spare. */
  private static final int OVERHEAD = 160;

  /** A range that is to be read. */
  private record Step(Known file, FileGap gap) {}

  /** A piece of a page index that was asked for: once, as it may make no sense. */
  private record Piece(long fileId, long offset) {}

  private final Core core;
  private final Flights flights;
  private final When when;
  private final BooleanSupplier idle;
  private final Map<Long, Integer> done = new HashMap<>(); // ordinals by file; guarded by this
  private final Set<Piece> pieces = new HashSet<>(); // guarded by this
  private @Nullable Instant firstMiss; // guarded by this
  private int misses; // guarded by this
  private int running; // guarded by this
  private boolean closed; // guarded by this

  /**
   * @param idle whether nobody has read for a while
   */
  Streaming(Core core, Flights flights, When when, BooleanSupplier idle) {
    this.core = core;
    this.flights = flights;
    this.when = when;
    this.idle = idle;
  }

  /** A first state is there. */
  void opened() {
    if (when == When.AT_ONCE) {
      start();
    }
  }

  /** A reader has to wait for a page. */
  void missed() {
    if (when == When.IN_USE && !pays()) {
      return;
    }
    if (when != When.NEVER) {
      start();
    }
  }

  private synchronized boolean pays() {
    if (firstMiss == null) {
      firstMiss = core.world().now();
    }
    misses++;
    return misses >= MISSES || misses > 1 && core.world().now().isAfter(firstMiss.plus(USE));
  }

  synchronized void close() {
    closed = true;
  }

  private synchronized void start() {
    for (; !closed && running < SIDE_BY_SIDE; running++) {
      core.world().later(this::run);
    }
  }

  private synchronized void end() {
    running--;
    misses = 0;
    firstMiss = null;
  }

  /** One range; the next one then waits for its turn behind what readers have asked for. */
  private void run() {
    boolean more = false;
    try (Lease lease = core.table().lease()) {
      Step step = next();
      if (step != null) {
        bring(step);
        more = true;
      }
    } catch (StoreException | ReplicaException | RuntimeException | OutOfMemoryError e) {
      LOG.log(Level.DEBUG, "streaming failed: " + e.getMessage());
    } finally {
      if (more) {
        core.world().later(this::run);
      } else {
        end();
      }
    }
  }

  private void bring(Step step) throws StoreException, ReplicaException {
    FileGap gap = step.gap();
    long fileId = step.file().info().fileId();
    Flight flight = flights.plan(step.file().object(), gap.offset(), gap.length());
    flight.inBackground();
    flights.add(fileId, flight);
    try {
      step.file().file().offer(gap.ordinal(), gap.offset(), flight.bytes());
    } finally {
      flights.end(fileId, flight);
    }
    if (gap.index()) {
      start(); // the others have ended, as they knew of nothing to read
    }
  }

  /** What nobody brings yet; null when there is nothing, or no reason to go on. */
  private synchronized @Nullable Step next() {
    NativeView newest = closed || idle.getAsBoolean() ? null : core.db().latest();
    if (newest == null) {
      return null;
    }
    try (newest) {
      long room = NativeCore.stats().cacheLimit();
      Step first = null;
      for (long id : newest.files()) {
        Known known = core.table().byId(id);
        if (known == null) {
          continue;
        }
        room -= known.info().pages() * (long) (known.info().pageSize() + OVERHEAD);
        FileGap gap = first == null ? gap(known) : null;
        if (gap != null) {
          first = new Step(known, gap);
        }
      }
      if (room < 0 || first == null || first.gap().index() && !pieces.add(piece(first))) {
        return null;
      }
      done.put(first.file().info().fileId(), first.gap().next());
      return first;
    }
  }

  private static Piece piece(Step step) {
    return new Piece(step.file().info().fileId(), step.gap().offset());
  }

  private @Nullable FileGap gap(Known known) {
    return known.file().gap(done.getOrDefault(known.info().fileId(), 0), RANGE);
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.store.LtxName;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * When the states of a lineage were synced, as far as the headers of its files have told.
 *
 * <p>A file of levels 0-8 bears the time of its last TXID, and compaction keeps it (spec 1.8): what
 * one level's file tells of a TXID holds for all of them. Snapshots bear the time at which they
 * were written, and are left out. Times ascend with TXIDs.
 *
 * <p>Thread-safe.
 */
final class Timeline {

  /** About 100 bytes each; more than three hours of transactions at one a second. */
  private static final int MAX = 10_000;

  private final TreeMap<Long, Instant> times = new TreeMap<>(); // guarded by this

  /**
   * Where an instant lies between known states.
   *
   * @param before the newest known TXID before it, 0 without one
   * @param beforeTime when that was; {@link Instant#MIN} without one
   * @param after the oldest known TXID at it or later, {@link Long#MAX_VALUE} without one
   * @param afterTime when that was; {@link Instant#MAX} without one
   */
  record Bracket(long before, Instant beforeTime, long after, Instant afterTime) {

    /** The bracket of which nothing is known. */
    static final Bracket OPEN = new Bracket(0, Instant.MIN, Long.MAX_VALUE, Instant.MAX);

    /** Whether it has both ends. */
    boolean closed() {
      return before != 0 && after != Long.MAX_VALUE;
    }
  }

  synchronized void add(FileInfo file) {
    if (file.level() < LtxName.SNAPSHOT_LEVEL) {
      times.put(file.maxTxid(), file.timestamp());
      if (times.size() > MAX) {
        times.pollFirstEntry();
      }
    }
  }

  synchronized void clear() {
    times.clear();
  }

  synchronized Bracket around(Instant instant) {
    Bracket bracket = Bracket.OPEN;
    for (Map.Entry<Long, Instant> time : times.entrySet()) {
      if (!time.getValue().isBefore(instant)) {
        return new Bracket(bracket.before(), bracket.beforeTime(), time.getKey(), time.getValue());
      }
      bracket = new Bracket(time.getKey(), time.getValue(), Long.MAX_VALUE, Instant.MAX);
    }
    return bracket;
  }
}

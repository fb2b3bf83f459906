package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When the follower lists which levels, and from where on. Belongs to the thread that follows, but
 * {@link #demand}, which any thread may call.
 *
 * <p>As long as nothing looks odd, news come by name and a listing only finds what takes the place
 * of files that are known: one request for all levels but 0 does. Level 0 has its turn less often:
 * it tells of a hole in front of newer files.
 */
final class Listings {

  /** What a listing covers. */
  enum Round {
    ALL,
    RAW,
    COMPACTED
  }

  /** A listing costs twelve GETs; compaction and retention work in steps of 30 s and more. */
  private static final Duration LIST_INTERVAL = Duration.ofSeconds(15);

  /** Of these, so many are of level 0. */
  private static final int ROUNDS_PER_RAW = 4;

  /** For a clock that stands still or a very short poll interval: then all levels have a turn. */
  private static final int POLLS_PER_LISTING = 20;

  private final World world;
  private final @Nullable LtxName[] starts = new LtxName[LtxName.LEVELS];
  private volatile Instant last = Instant.MIN;
  private int pollsSince;
  private int rounds;

  Listings(World world) {
    this.world = world;
  }

  /** Makes one due. */
  void demand() {
    last = Instant.MIN;
  }

  /** What is to be listed now, if anything. Asked once in each poll. */
  @Nullable Round due() {
    pollsSince++;
    Instant now = world.now();
    if (pollsSince >= POLLS_PER_LISTING || now.isBefore(last) || last.equals(Instant.MIN)) {
      return Round.ALL;
    }
    if (Duration.between(last, now).compareTo(LIST_INTERVAL) < 0) {
      return null;
    }
    return ++rounds % ROUNDS_PER_RAW == 0 ? Round.RAW : Round.COMPACTED;
  }

  /** After which file each level is to be listed; null: from its begin. */
  @Nullable LtxName[] starts() {
    return starts;
  }

  /**
   * After which file level 0 is to be listed alone: one before, so that the last file that is known
   * is seen again, which is evidence of the lineage without a request of its own.
   */
  @Nullable LtxName startOfRaw() {
    LtxName start = starts[0];
    return start == null || start.minTxid() == 1 ? null : LtxName.raw(start.minTxid() - 1);
  }

  /**
   * One was done. The next begins, in each level, after the last file that brings nothing new.
   *
   * @param txid what is published now
   * @param complete whether it listed from the begin of each level
   */
  void done(Catalog catalog, long txid, boolean complete) {
    last = world.now();
    pollsSince = 0;
    for (int level = 0; level < LtxName.LEVELS; level++) {
      LtxName start = complete ? null : starts[level];
      for (LtxObject file : catalog.level(level)) {
        if (file.name().maxTxid() <= txid) {
          start = file.name();
        }
      }
      starts[level] = start;
    }
  }
}

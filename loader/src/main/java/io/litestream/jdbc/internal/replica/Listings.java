package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When the follower lists the levels, and from where on. Belongs to the thread that follows, but
 * {@link #demand}, which any thread may call.
 */
final class Listings {

  /** A listing costs twelve GETs; compaction and retention work in steps of 30 s and more. */
  private static final Duration LIST_INTERVAL = Duration.ofSeconds(15);

  /** The same bound for a clock that stands still or a very short poll interval. */
  private static final int POLLS_PER_LISTING = 15;

  private final World world;
  private final @Nullable LtxName[] starts = new LtxName[LtxName.LEVELS];
  private volatile Instant last = Instant.MIN;
  private int pollsSince;

  Listings(World world) {
    this.world = world;
  }

  /** Makes one due. */
  void demand() {
    last = Instant.MIN;
  }

  /** Asked once in each poll. */
  boolean due() {
    pollsSince++;
    Instant now = world.now();
    return pollsSince >= POLLS_PER_LISTING
        || now.isBefore(last)
        || last.equals(Instant.MIN)
        || Duration.between(last, now).compareTo(LIST_INTERVAL) >= 0;
  }

  /** After which file each level is to be listed; null: from its begin. */
  @Nullable LtxName[] starts() {
    return starts;
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

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.ViewInfo;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether an older state, found when no known file was left, is to be believed.
 *
 * <p>A stale listing shows such a state, and so does a reset that has deleted the newest files and
 * still deletes the others. Both pass: so it is believed when it stays all there is.
 */
final class Doubt {

  /** Longer than a store lists what is gone, or a reset pauses between two deletions. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private @Nullable Catalog found;
  private Instant since = Instant.MIN;

  /** Whether readers had better keep {@code from}, for now, than go to {@code to}. */
  boolean about(ViewInfo from, ViewInfo to, Catalog catalog, Instant now) {
    if (!goesBack(from, to)) {
      return false;
    }
    if (!catalog.equals(found)) {
      found = catalog;
      since = now;
    }
    return Duration.between(since, now).compareTo(LONGEST) < 0;
  }

  void clear() {
    found = null;
  }

  /** The files of a replica that was reset are younger than what was there before. */
  private static boolean goesBack(ViewInfo from, ViewInfo to) {
    return to.txid() < from.txid() && !to.timestamp().isAfter(from.timestamp());
  }
}

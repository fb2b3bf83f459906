package io.litestream.jdbc.internal.replica;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * What a replica's follower has to say to its users: a gap, a store that does not answer, a damaged
 * file.
 *
 * <p>Each text is logged once when it comes up, and stands until {@link #clear}. Thread-safe.
 */
final class Notices {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  private final String place;
  private volatile @Nullable String standing;

  Notices(String place) {
    this.place = place;
  }

  void report(String text) {
    if (!text.equals(standing)) {
      standing = text;
      LOG.log(Level.WARNING, () -> "litestream: " + place + ": " + text);
    }
  }

  void clear() {
    if (standing != null) {
      standing = null;
      LOG.log(Level.INFO, () -> "litestream: " + place + ": following again");
    }
  }

  /** The standing text, or null when all is well. */
  @Nullable String standing() {
    return standing;
  }
}

package io.litestream.jdbc.internal.replica;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a replica's follower has to say to its users: a gap, a store that does not answer, a damaged
 * file.
 *
 * <p>Each text is logged once when it comes up. Thread-safe.
 */
final class Notices {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** Why a look failed. */
  record Failure(String text, @Nullable Throwable cause) {}

  private final String place;
  private final Consumer<@Nullable String> show;
  private @Nullable String standing;
  private @Nullable Failure failure;
  private @Nullable String shown;

  /**
   * @param show gets each new text, and null when all is well again
   */
  Notices(String place, Consumer<@Nullable String> show) {
    this.place = place;
    this.show = show;
  }

  /** What is wrong with the replica, until {@link #clear}. */
  synchronized void report(String text) {
    standing = text;
    update();
  }

  /** The replica is sound again. */
  synchronized void clear() {
    standing = null;
    update();
  }

  /** The last look at the store failed. Hides what {@link #report} said until {@link #looked}. */
  synchronized void failed(String text, @Nullable Throwable cause) {
    failure = new Failure(text, cause);
    update();
  }

  /** The last look at the store went well. */
  synchronized void looked() {
    failure = null;
    update();
  }

  /** Why the last look at the store failed; null when it went well. */
  synchronized @Nullable Failure failure() {
    return failure;
  }

  private void update() {
    String text = failure == null ? standing : failure.text();
    if (Objects.equals(text, shown)) {
      return;
    }
    shown = text;
    show.accept(text);
    if (text == null) {
      LOG.log(Level.INFO, () -> "litestream: " + place + ": following again");
    } else {
      LOG.log(Level.WARNING, () -> "litestream: " + place + ": " + text);
    }
  }
}

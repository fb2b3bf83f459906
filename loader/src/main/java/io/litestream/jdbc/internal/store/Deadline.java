package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/** When a call that makes several requests must be over. */
public final class Deadline {

  private final String what;
  private final Duration timeout;
  private final long end;

  /**
   * Starts the clock.
   *
   * @param what the place, for the message
   */
  public Deadline(String what, Duration timeout) {
    this.what = what;
    this.timeout = timeout;
    this.end = System.nanoTime() + timeout.toNanos();
  }

  /** What is left, more than zero. */
  public Duration left() throws StoreException {
    long left = end - System.nanoTime();
    if (left <= 0) {
      throw exceeded();
    }
    return Duration.ofNanos(left);
  }

  /** Takes a lock, which the caller unlocks. */
  public void lock(Lock lock) throws StoreException {
    try {
      if (lock.tryLock(left().toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          StoreException.Kind.TRANSIENT, what + ": the thread that asked was interrupted", e);
    }
    throw exceeded();
  }

  private StoreException exceeded() {
    return new StoreException(
        StoreException.Kind.TRANSIENT,
        what + ": no answer within " + timeout.toMillis() + " ms",
        null);
  }
}

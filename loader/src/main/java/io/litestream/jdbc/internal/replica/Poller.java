package io.litestream.jdbc.internal.replica;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The thread that keeps one replica up to date: it polls while somebody reads or waits for news,
 * pauses when nobody does, and ends the replica some time after its last connection is closed.
 */
final class Poller {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** So long without a reader: polling stops, and the next reader looks for itself. */
  static final Duration IDLE = Duration.ofSeconds(30);

  /** Pauses after failures grow to this. */
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(30);

  private final Replica replica;
  private final Duration interval;
  private final Duration idle;
  private final LongSupplier nanos;
  private final BooleanSupplier retire;
  private final Semaphore wakeups = new Semaphore(0);
  private final Thread thread = Threads.daemon("litestream-follow", this::run);
  private volatile boolean ended;
  private long lastReader;
  private boolean paused;

  /**
   * @param idle so long without a reader, and polling stops
   * @param nanos a clock that never goes back
   * @param retire asked in every round; true when the replica was unused for long and is now closed
   */
  Poller(
      Replica replica,
      Duration interval,
      Duration idle,
      LongSupplier nanos,
      BooleanSupplier retire) {
    this.replica = replica;
    this.interval = interval;
    this.idle = idle;
    this.nanos = nanos;
    this.retire = retire;
  }

  void start() {
    lastReader = nanos.getAsLong();
    thread.start();
  }

  /** A reader has come back after a pause. */
  void wake() {
    wakeups.release();
  }

  /** Ends the thread soon. */
  void end() {
    ended = true;
    wakeups.release();
  }

  /** Waits until the thread has ended. */
  void join(Duration limit) {
    try {
      if (thread.isAlive()) {
        thread.join(limit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    int failures = 0;
    while (sleep(failures) && !retire.getAsBoolean()) {
      failures = round() ? 0 : failures + 1;
    }
  }

  /** What is due now. Returns false when a look at the store has failed. */
  boolean round() {
    if (replica.db().active() | replica.awaited()) {
      lastReader = nanos.getAsLong();
    }
    boolean alone = nanos.getAsLong() - lastReader > idle.toNanos();
    if (alone != paused) {
      paused = alone;
      replica.pause(alone);
    }
    return alone || poll();
  }

  /**
   * A thread that died of a defect would freeze every reader without a word, so it says so and goes
   * on.
   */
  private boolean poll() {
    try {
      return replica.pollQuietly();
    } catch (RuntimeException e) {
      if (!ended) {
        LOG.log(Level.ERROR, "litestream: a defect in the follower; it tries again", e);
      }
      return false;
    }
  }

  /**
   * Waits for the next round, a little longer after each failure. False when the thread shall end.
   */
  private boolean sleep(int failures) {
    long millis = Math.max(1, interval.toMillis());
    if (failures > 0) {
      long backoff = Math.min(MAX_BACKOFF.toMillis(), millis << Math.min(failures, 16));
      millis =
          Math.max(millis, backoff / 2 + ThreadLocalRandom.current().nextLong(backoff / 2 + 1));
    }
    try {
      boolean woken = wakeups.tryAcquire(millis, TimeUnit.MILLISECONDS);
      if (woken) {
        wakeups.drainPermits();
      }
    } catch (InterruptedException e) {
      ended = true;
    }
    return !ended;
  }
}

package io.litestream.jdbc.internal.replica;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * The thread that keeps one replica up to date: it polls while somebody reads, pauses when nobody
 * does, and ends the replica some time after its last connection is closed.
 */
final class Poller {

  /** So long without a reader: polling stops, and the next reader looks for itself. */
  static final Duration IDLE = Duration.ofSeconds(30);

  /** Pauses after failures grow to this. */
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(30);

  private final Replica replica;
  private final Duration interval;
  private final BooleanSupplier retire;
  private final Object signal = new Object();
  private boolean woken;
  private boolean ended;

  /**
   * @param retire asked in every round; true when the replica was unused for long and is now closed
   */
  Poller(Replica replica, Duration interval, BooleanSupplier retire) {
    this.replica = replica;
    this.interval = interval;
    this.retire = retire;
  }

  void start() {
    Thread thread = new Thread(this::run, "litestream-follow");
    thread.setDaemon(true);
    thread.start();
  }

  /** A reader has come back after a pause. */
  void wake() {
    synchronized (signal) {
      woken = true;
      signal.notifyAll();
    }
  }

  /** Ends the thread soon. */
  void end() {
    synchronized (signal) {
      ended = true;
      signal.notifyAll();
    }
  }

  private void run() {
    long lastReader = System.nanoTime();
    int failures = 0;
    boolean paused = false;
    while (sleep(failures) && !retire.getAsBoolean()) {
      if (replica.db().active()) {
        lastReader = System.nanoTime();
      }
      boolean idle = System.nanoTime() - lastReader > IDLE.toNanos();
      if (idle != paused) {
        paused = idle;
        replica.db().pause(idle);
      }
      if (!idle) {
        failures = replica.pollQuietly() ? 0 : failures + 1;
      }
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
    synchronized (signal) {
      try {
        if (!woken && !ended) {
          signal.wait(millis);
        }
      } catch (InterruptedException e) {
        ended = true;
      }
      woken = false;
      return !ended;
    }
  }
}

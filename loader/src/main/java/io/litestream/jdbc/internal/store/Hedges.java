package io.litestream.jdbc.internal.store;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * When a read that has no answer yet is asked once more.
 *
 * <p>A store answers a few of a hundred requests many times later than the others, mostly for
 * reasons of one connection or one server, and a second request is answered as usual ("The Tail at
 * Scale", Dean and Barroso 2013). It is due when the first one takes longer than nearly all of the
 * recent ones did. One in twenty requests may be a second one, so that a store that slows down gets
 * no more load for it; after it has refused one, none is made for a while.
 *
 * <p>Thread-safe.
 */
final class Hedges {

  /** Up to this size the time to the first byte counts, beyond it the bytes too. */
  private static final int SMALL = 512 * 1024;

  /** Recent requests of one size that are looked at: enough for a percentile, soon out of date. */
  private static final int RECENT = 64;

  /** With fewer it is not known what is late. */
  private static final int LEAST = 20;

  private static final int PERCENTILE = 95;

  /** Below this a second request gains nothing that a reader would notice. */
  private static final long SHORTEST = Duration.ofMillis(5).toNanos();

  /** What each request earns of a second one. */
  private static final double SHARE = 0.05;

  /** What can be saved up: a burst of stalls after a long good time. */
  private static final double MOST_SAVED = 10;

  /** After a refusal. */
  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private final LongSupplier nanoTime;
  private final Times small = new Times();
  private final Times large = new Times();
  private double saved; // guarded by this, as what follows
  private boolean paused;
  private long pausedAt;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  Hedges(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The last times of requests of one size, in a ring. */
  private static final class Times {
    private final long[] nanos = new long[RECENT];
    private int count;
    private int next;

    void add(long time) {
      nanos[next] = time;
      next = (next + 1) % RECENT;
      count = Math.min(RECENT, count + 1);
    }

    /** -1 where too little is known. */
    long late() {
      if (count < LEAST) {
        return -1;
      }
      long[] sorted = Arrays.copyOf(nanos, count);
      Arrays.sort(sorted);
      long usual = sorted[count / 2] * 3 / 2;
      return Math.max(SHORTEST, Math.max(usual, sorted[count * PERCENTILE / 100]));
    }
  }

  /**
   * A request is made.
   *
   * @param bytes that it asks for
   * @return after how many nanoseconds it is late; -1 where no second one is to be made
   */
  synchronized long begin(int bytes) {
    saved = Math.min(MOST_SAVED, saved + SHARE);
    if (paused && nanoTime.getAsLong() - pausedAt < PAUSE) {
      return -1;
    }
    paused = false;
    return saved < 1 ? -1 : times(bytes).late();
  }

  /** A request is late: whether there may be a second one now. */
  synchronized boolean take() {
    if (paused || saved < 1) {
      return false;
    }
    saved--;
    return true;
  }

  /** A reader has its bytes, so many nanoseconds after it asked. */
  synchronized void answered(int bytes, long nanos) {
    times(bytes).add(nanos);
  }

  /** The store could not, or would not, answer a request. */
  synchronized void failed() {
    paused = true;
    pausedAt = nanoTime.getAsLong();
  }

  private Times times(int bytes) {
    return bytes <= SMALL ? small : large;
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * When a replica's store was looked at, and who looks next. Thread-safe.
 *
 * <p>Looks are counted as they begin: one that began before a question may have missed what was
 * there when it was asked.
 */
final class Looks {

  /** One look at the store. */
  @FunctionalInterface
  interface Look {
    void run() throws StoreException, ReplicaException;
  }

  /** Between attempts for readers who cannot read before one goes well. */
  private static final Duration LATELY = Duration.ofSeconds(1);

  private final World world;
  private final ReentrantLock turn;
  private final Duration interval;
  private final AtomicLong begun = new AtomicLong();
  private volatile long succeeded; // the number of the last one; written with the turn
  private volatile @Nullable Instant success; // written with the turn
  private volatile @Nullable Instant attempt; // written with the turn

  /**
   * @param turn held by whoever looks
   * @param interval between two looks
   */
  Looks(World world, ReentrantLock turn, Duration interval) {
    this.world = world;
    this.turn = turn;
    this.interval = interval;
  }

  /** The end of the last successful one, null before the first. */
  @Nullable Instant lastSuccess() {
    return success;
  }

  /**
   * Whether one has ended just now, well or not, so that another would tell the same.
   *
   * @param maxStale what a reader accepts, who finds a poll interval too long then; zero for any
   */
  boolean justTried(Duration maxStale) {
    Instant tried = attempt;
    Instant now = world.now();
    Duration window =
        maxStale.isZero() ? interval : Collections.min(List.of(interval, maxStale, LATELY));
    return tried != null
        && !now.isBefore(tried)
        && Duration.between(tried, now).compareTo(window) < 0;
  }

  /** Looks. Waits for one that is under way. */
  void now(Look look) throws StoreException, ReplicaException {
    turn.lock();
    try {
      long number = begun.incrementAndGet();
      look.run();
      success = world.now();
      succeeded = number;
    } finally {
      attempt = world.now();
      turn.unlock();
    }
  }

  /**
   * Looks, unless somebody else has done so since this call.
   *
   * @param well whether it must have gone well
   * @param look calls {@link #now}
   */
  void once(boolean well, Look look) throws StoreException, ReplicaException {
    long asked = begun.get();
    turn.lock();
    try {
      if ((well ? succeeded : begun.get()) <= asked) {
        look.run();
      }
    } finally {
      turn.unlock();
    }
  }
}

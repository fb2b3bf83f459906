package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.ReplicaState;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Those who want to know of new states of a replica: calls that wait for one, and listeners.
 * Thread-safe; whoever tells is never kept waiting.
 */
final class News {

  /** What is published. */
  record Known(long txid, ReplicaState state) {}

  /**
   * How often a wait asks whether it is stopped: nobody notices, and a waiting thread costs
   * nothing.
   */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Listener> listeners = new LinkedHashSet<>(); // guarded by lock
  private @Nullable Known newest; // guarded by lock
  private int waiting; // guarded by lock
  private volatile boolean closed; // written with lock

  /** A state was published. */
  void tell(Known state) {
    lock.lock();
    try {
      newest = state;
      changed.signalAll();
      listeners.forEach(listener -> listener.tell(state.state()));
    } finally {
      lock.unlock();
    }
  }

  /** What was told last. */
  @Nullable Known newest() {
    lock.lock();
    try {
      return newest;
    } finally {
      lock.unlock();
    }
  }

  /** Whether anybody waits or listens, so that looks at the store have to go on. */
  boolean wanted() {
    lock.lock();
    try {
      return waiting > 0 || !listeners.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a state.
   *
   * @param stopped asked now and then
   * @param begun run once the wait has begun to count, if there is one
   * @return false when the time is over, or the replica was closed
   * @throws World.InterruptedWait when it was stopped
   */
  boolean await(Predicate<Known> reached, Duration timeout, BooleanSupplier stopped, Runnable begun)
      throws InterruptedException, World.InterruptedWait {
    if (has(reached)) {
      return true;
    }
    lock.lockInterruptibly();
    try {
      waiting++;
    } finally {
      lock.unlock();
    }
    try {
      begun.run();
      return awaitReached(reached, timeout, stopped);
    } finally {
      lock.lock();
      try {
        waiting--;
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean awaitReached(Predicate<Known> reached, Duration timeout, BooleanSupplier stopped)
      throws InterruptedException, World.InterruptedWait {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!awaitChange(reached, Math.min(deadline - System.nanoTime(), LOOK_NANOS))) {
      if (closed || System.nanoTime() - deadline >= 0) {
        return false;
      }
      if (stopped.getAsBoolean()) { // without the lock: it is others' code
        throw new World.InterruptedWait();
      }
    }
    return true;
  }

  /** A part of the wait; false when its time is over, or the replica was closed. */
  private boolean awaitChange(Predicate<Known> reached, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!has(reached)) {
        if (left <= 0 || closed) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean has(Predicate<Known> reached) {
    Known known = newest();
    return known != null && reached.test(known);
  }

  /**
   * Tells a listener of each state from the next one on.
   *
   * @param threads where it is called
   * @return ends it
   */
  Runnable listen(Consumer<ReplicaState> told, Executor threads) {
    Listener listener = new Listener(told, threads);
    lock.lock();
    try {
      listeners.add(listener);
    } finally {
      lock.unlock();
    }
    return () -> end(listener);
  }

  private void end(Listener listener) {
    listener.end();
    lock.lock();
    try {
      listeners.remove(listener);
    } finally {
      lock.unlock();
    }
  }

  /** There will be no more states. */
  void close() {
    lock.lock();
    try {
      closed = true;
      listeners.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Time that fits into nanoseconds. */
  static Duration bounded(Duration timeout) {
    Duration longest = Duration.ofNanos(TimeUnit.DAYS.toNanos(365));
    return timeout.compareTo(longest) > 0 ? longest : timeout;
  }
}

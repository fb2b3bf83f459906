package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a replica takes from its surroundings: the time, and threads to wait on stores with. */
public interface World {

  /** A request to a store, or a short series of them. */
  @FunctionalInterface
  interface StoreCall<T> {
    T call() throws StoreException, ReplicaException;
  }

  /** The wait for a store call was given up because the reader was interrupted. */
  final class InterruptedWait extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** Throws what a call on another thread threw, as what it is. */
  static StoreException rethrown(@Nullable Throwable thrown)
      throws StoreException, ReplicaException {
    if (thrown instanceof StoreException e) {
      throw e;
    }
    if (thrown instanceof ReplicaException e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException(thrown);
  }

  /** The wall clock. */
  Instant now();

  /**
   * Runs all calls, side by side where there are threads, and returns their results in the order of
   * the calls. When one fails, its exception is thrown after all have ended. Calls must not use
   * {@code all} themselves.
   */
  <T> List<T> all(List<? extends StoreCall<T>> calls) throws StoreException, ReplicaException;

  /**
   * Runs one call for a reader that sits inside SQLite: waits at most {@code timeout}, and gives up
   * when {@code interrupted} becomes true or the thread is interrupted (its flag stays set).
   *
   * @param what what it asks, for the message
   * @throws StoreException what the call threw, or TRANSIENT when the time is over
   */
  <T> T await(String what, StoreCall<T> call, Duration timeout, BooleanSupplier interrupted)
      throws StoreException, ReplicaException, InterruptedWait;

  /** Whether calls go on while other threads wait for them. */
  boolean concurrent();

  /** Runs a task soon, on another thread where there are threads. It must not throw. */
  void later(Runnable task);

  /**
   * Waits before another look at the store. Returns early when the thread is interrupted (its flag
   * stays set).
   */
  void pause(Duration time);
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The real clock, and platform threads for blocking requests.
 *
 * <p>Not virtual threads: a reader that waits inside SQLite may itself be a virtual thread, which
 * then pins its carrier; with all carriers pinned, requests on virtual threads would never run. The
 * threads are daemons and end when idle.
 */
final class PlatformWorld implements World {

  /** All requests of a usual restore plan at once: about a hundred after a day of defaults. */
  private static final int MAX_PARALLEL = 128;

  /**
   * How soon a waiting reader notices an interrupt: far below what a person notices, far above its
   * cost.
   */
  private static final long LOOK_MILLIS = 10;

  /** How long a thread waits for its next task. */
  private static final long IDLE_SECONDS = 60;

  private final AtomicInteger started = new AtomicInteger();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> Threads.daemon("litestream-io-" + started.incrementAndGet(), task));
  private final Semaphore slots = new Semaphore(MAX_PARALLEL);

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public <T> List<T> all(List<? extends StoreCall<T>> calls)
      throws StoreException, ReplicaException {
    List<Future<T>> running = new ArrayList<>();
    for (StoreCall<T> call : calls) {
      slots.acquireUninterruptibly();
      running.add(
          threads.submit(
              () -> {
                try {
                  return call.call();
                } finally {
                  slots.release();
                }
              }));
    }
    List<T> results = new ArrayList<>();
    Throwable first = null;
    for (Future<T> one : running) {
      try {
        results.add(getUninterruptibly(one));
      } catch (ExecutionException e) {
        first = first == null ? e.getCause() : first;
      }
    }
    if (first != null) {
      throw World.rethrown(first);
    }
    return results;
  }

  @Override
  public <T> T await(String what, StoreCall<T> call, Duration timeout, BooleanSupplier interrupted)
      throws StoreException, ReplicaException, InterruptedWait {
    Future<T> running = threads.submit(call::call);
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        return running.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (interrupted.getAsBoolean()) {
          throw new InterruptedWait();
        }
        if (System.nanoTime() - deadline >= 0) {
          throw new StoreException(
              StoreException.Kind.TRANSIENT,
              what + ": no answer within " + timeout.toMillis() + " ms",
              e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedWait();
      } catch (ExecutionException e) {
        throw World.rethrown(e.getCause());
      }
    }
  }

  @Override
  public boolean concurrent() {
    return true;
  }

  @Override
  public void later(Runnable task) {
    threads.execute(task);
  }

  /** Ends all threads that have nothing to do, once the others have had some time to finish. */
  void rest(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (threads.getActiveCount() > 0 && System.nanoTime() - deadline < 0) {
      pause(Duration.ofMillis(LOOK_MILLIS));
    }
    threads.setKeepAliveTime(0, TimeUnit.SECONDS); // also for those that wait now
  }

  /** Threads wait for their next task again. */
  void resume() {
    threads.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T> T getUninterruptibly(Future<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

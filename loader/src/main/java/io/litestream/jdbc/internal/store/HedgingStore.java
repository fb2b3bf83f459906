package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Asks once more for bytes that are late, and takes the answer that comes first (see {@link
 * Hedges}). What was asked in vain goes on, and its answer is dropped.
 */
final class HedgingStore extends ForwardingStore {

  private final CountingStore counted;
  private final Executor threads;
  private final Hedges hedges;

  /**
   * @param store becomes this one's
   * @param threads where requests wait for their answers while the caller looks at the time
   */
  HedgingStore(CountingStore store, Executor threads, Hedges hedges) {
    super(store);
    this.counted = store;
    this.threads = threads;
    this.hedges = hedges;
  }

  private interface Read {
    Fetched send(Duration timeout) throws StoreException;
  }

  /** The answers to one question. */
  private static final class Race {
    private int running; // guarded by this, as what follows
    private @Nullable Fetched answer;
    private @Nullable Throwable failure;

    /** Sends a request, here and now. */
    void run(Read read, Duration timeout) {
      Fetched found = null;
      Throwable thrown = null;
      try {
        found = read.send(timeout);
      } catch (StoreException | RuntimeException | Error e) {
        thrown = e;
      }
      synchronized (this) {
        running--;
        answer = answer == null ? found : answer;
        failure = failure == null ? thrown : failure;
        notifyAll();
      }
    }

    synchronized void started() {
      running++;
    }

    /** Waits until there is an answer, or no request is left that could bring one. */
    synchronized boolean over(long nanos) throws InterruptedException {
      long end = System.nanoTime() + nanos;
      while (answer == null && running > 0) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        wait(left / 1_000_000, (int) (left % 1_000_000));
      }
      return true;
    }

    synchronized Fetched result() throws StoreException {
      if (answer != null) {
        return answer;
      }
      throw rethrown(failure);
    }
  }

  private Fetched read(LtxObject object, int length, Duration timeout, Read first, Read second)
      throws StoreException {
    long asked = System.nanoTime();
    long late = hedges.begin(length);
    try {
      Fetched found =
          late < 0 || late >= timeout.toNanos()
              ? first.send(timeout)
              : race(object, late, timeout, first, second);
      hedges.answered(length, System.nanoTime() - asked);
      return found;
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.TRANSIENT) {
        hedges.failed();
      }
      throw e;
    }
  }

  private Fetched race(LtxObject object, long late, Duration timeout, Read first, Read second)
      throws StoreException {
    Race race = new Race();
    start(race, first, timeout);
    try {
      if (!race.over(late)) {
        Duration left = timeout.minusNanos(late);
        if (hedges.take()) {
          start(race, second, left);
        }
        if (!race.over(left.toNanos())) {
          throw new StoreException(
              StoreException.Kind.TRANSIENT,
              describe(object.name()) + ": no answer within " + timeout.toMillis() + " ms",
              null);
        }
      }
      return race.result();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          StoreException.Kind.TRANSIENT,
          describe(object.name()) + ": the thread that asked was interrupted",
          e);
    }
  }

  private void start(Race race, Read read, Duration timeout) {
    race.started();
    threads.execute(() -> race.run(read, timeout));
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    return read(
        object,
        length,
        timeout,
        left -> super.read(object, offset, length, left),
        left -> counted.hedge(object, offset, length, left));
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    return read(
        object,
        length,
        timeout,
        left -> super.readTail(object, length, left),
        left -> counted.hedge(object, Math.max(0, object.size() - length), length, left));
  }
}

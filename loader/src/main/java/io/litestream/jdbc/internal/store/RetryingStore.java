package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tries again what failed as TRANSIENT, and nothing else, within the timeout of the call.
 *
 * <p>Waits are exponential with full jitter, so that readers that failed together do not return
 * together. All but the last attempt get half of the time that is left: a stalled connection costs
 * half the timeout, not all of it.
 */
public final class RetryingStore extends ForwardingStore {

  /** Waits; a test does not. */
  public interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  private interface Attempt<T> {
    T run(Duration timeout) throws StoreException;
  }

  /**
   * Enough to ride out a throttle or a restart behind a load balancer; more only delays the
   * message.
   */
  static final int ATTEMPTS = 5;

  /** A shorter attempt would only replace the reason of the one before by "no answer". */
  private static final long SHORTEST = Duration.ofMillis(50).toNanos();

  private static final Duration FIRST_WAIT = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final Sleeper sleeper;
  private final RandomGenerator random;
  private final LongSupplier nanoTime;

  public RetryingStore(ReplicaStore store) {
    this(store, Thread::sleep, () -> ThreadLocalRandom.current().nextLong(), System::nanoTime);
  }

  /**
   * For tests and simulations.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public RetryingStore(
      ReplicaStore store, Sleeper sleeper, RandomGenerator random, LongSupplier nanoTime) {
    super(store);
    this.sleeper = sleeper;
    this.random = random;
    this.nanoTime = nanoTime;
  }

  @Override
  public List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return retry(timeout, left -> super.list(level, after, left));
  }

  @Override
  public ListPage listPage(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return retry(timeout, left -> super.listPage(level, after, left));
  }

  @Override
  public List<List<LtxObject>> listFrom(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return retry(timeout, left -> super.listFrom(level, after, left));
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    return retry(timeout, left -> super.read(object, offset, length, left));
  }

  @Override
  public @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException {
    return retry(timeout, left -> Optional.ofNullable(super.probe(name, length, left)))
        .orElse(null);
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    return retry(timeout, left -> super.readTail(object, length, left));
  }

  private <T> T retry(Duration timeout, Attempt<T> attempt) throws StoreException {
    long end = nanoTime.getAsLong() + timeout.toNanos();
    for (int tries = 1; ; tries++) {
      long left = Math.max(1, end - nanoTime.getAsLong());
      long share = tries == ATTEMPTS ? left : Math.max(Math.min(left, SHORTEST), left / 2);
      try {
        return attempt.run(Duration.ofNanos(share));
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.TRANSIENT || !waitBefore(tries + 1, end)) {
          throw tries == 1 ? e : tired(e, tries);
        }
      }
    }
  }

  /** Waits before the given attempt; false when there is to be none. */
  private boolean waitBefore(int attempt, long end) {
    if (attempt > ATTEMPTS) {
      return false;
    }
    long ceiling = Math.min(LONGEST_WAIT.toNanos(), FIRST_WAIT.toNanos() << (attempt - 2));
    long wait = random.nextLong(ceiling + 1);
    long needed = wait + SHORTEST;
    if (end - nanoTime.getAsLong() <= needed || Thread.currentThread().isInterrupted()) {
      return false;
    }
    try {
      sleeper.sleep(Duration.ofNanos(wait));
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static StoreException tired(StoreException e, int tries) {
    return new StoreException(e.kind(), e.getMessage() + " (tried " + tries + " times)", e);
  }
}

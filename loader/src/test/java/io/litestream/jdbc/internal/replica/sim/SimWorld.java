package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.replica.ReplicaException;
import io.litestream.jdbc.internal.replica.World;
import io.litestream.jdbc.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The model's clock; calls that run "at once" run one after another, in an order that is drawn. */
final class SimWorld implements World {

  private final Surroundings around;
  private final List<Runnable> tasks = new ArrayList<>();
  private long disorders;

  SimWorld(Surroundings around) {
    this.around = around;
  }

  /** How many rounds of calls ran in another order than they were given. */
  long disorders() {
    return disorders;
  }

  @Override
  public Instant now() {
    return Instant.ofEpochMilli(around.primary.nowMs());
  }

  @Override
  public <T> List<T> all(List<? extends StoreCall<T>> calls)
      throws StoreException, ReplicaException {
    runSome();
    int n = calls.size();
    List<@Nullable T> results = new ArrayList<>(Collections.nCopies(n, null));
    int[] order = order(n);
    @Nullable IOException first = null;
    for (int i : order) {
      try {
        results.set(i, calls.get(i).call());
      } catch (StoreException | ReplicaException e) {
        first = first == null ? e : first;
      }
    }
    if (first instanceof StoreException e) {
      throw e;
    }
    if (first instanceof ReplicaException e) {
      throw e;
    }
    List<T> all = new ArrayList<>(n);
    for (T result : results) {
      if (result != null) {
        all.add(result);
      }
    }
    return all;
  }

  private int[] order(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    if (n > 1 && around.random.nextInt(4) == 0) {
      disorders++;
      for (int i = n - 1; i > 0; i--) {
        int other = around.random.nextInt(i + 1);
        int kept = order[i];
        order[i] = order[other];
        order[other] = kept;
      }
    }
    return order;
  }

  @Override
  public <T> T await(String what, StoreCall<T> call, Duration timeout, BooleanSupplier interrupted)
      throws StoreException, ReplicaException, InterruptedWait {
    runSome();
    if (around.fault(1)) {
      call.call(); // it goes on, but nobody waits for it any more
      if (around.random.nextBoolean()) {
        throw new InterruptedWait();
      }
      throw new StoreException(
          StoreException.Kind.TRANSIENT,
          what + ": no answer within " + timeout.toMillis() + " ms",
          null);
    }
    return call.call();
  }

  /** One thread at a time runs: a store call is not over before what comes between has ended. */
  @Override
  public boolean concurrent() {
    return false;
  }

  /** At some later call of a reader or follower, before it. */
  @Override
  public void later(Runnable task) {
    tasks.add(task);
  }

  private void runSome() {
    while (!tasks.isEmpty() && around.random.nextInt(3) > 0) {
      tasks.removeFirst().run();
    }
  }

  /** Runs what was put off. */
  void finish() {
    while (!tasks.isEmpty()) {
      tasks.removeFirst().run();
    }
  }

  @Override
  public void pause(Duration time) {
    around.primary.advance(time.toMillis());
    around.steps(around.random.nextInt(20));
  }
}

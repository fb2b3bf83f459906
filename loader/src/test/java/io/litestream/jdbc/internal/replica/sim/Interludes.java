package io.litestream.jdbc.internal.replica.sim;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What other threads of a process do while one waits for the store: other readers' whole
 * transactions, and polls beside a read. They run on a thread of their own, so that locks are held
 * against them, while the first one stands still, so that a run repeats.
 */
final class Interludes implements AutoCloseable {

  /** One in so many store calls: handing over to a thread costs as much as a transaction. */
  private static final int RARITY = 100;

  private final Surroundings around;
  private final List<SimProcess> processes;
  private final ExecutorService other =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "interlude");
            thread.setDaemon(true);
            return thread;
          });
  private boolean running;
  private @Nullable SimFailure failure;

  Interludes(Surroundings around, List<SimProcess> processes) {
    this.around = around;
    this.processes = processes;
  }

  /** Called when the store is. */
  void perhaps() {
    if (running || processes.isEmpty() || around.random.nextInt(RARITY) > 0) {
      return;
    }
    SimProcess process = processes.get(around.random.nextInt(processes.size()));
    boolean poll = around.random.nextInt(3) == 0;
    SimReader reader = process.readers.get(around.random.nextInt(process.readers.size()));
    if (process.following() && (poll || process.paused())) {
      return; // this would wait for the one that stands still
    }
    if (!poll && (reader.busy() || reader.pinned())) {
      return;
    }
    running = true;
    try {
      wait(other.submit(() -> poll ? process.poll() : transaction(reader)));
    } finally {
      running = false;
    }
  }

  private boolean transaction(SimReader reader) {
    if (!reader.pin()) {
      return false;
    }
    boolean read = reader.readSome();
    reader.unpin();
    around.counters.interludes++;
    return read;
  }

  private void wait(Future<Boolean> done) {
    try {
      done.get();
    } catch (InterruptedException e) {
      throw failed(new SimFailure(SimFailure.Kind.UNEXPECTED, "interrupted", e));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SimFailure found) {
        throw failed(found);
      }
      throw failed(
          new SimFailure(SimFailure.Kind.UNEXPECTED, "in an interlude: " + e.getCause(), e));
    }
  }

  private SimFailure failed(SimFailure found) {
    failure = found;
    return found;
  }

  /**
   * Throws the failure that an interlude has met: the C core, through which it came, makes a result
   * code of every exception.
   */
  void check() {
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    other.shutdown();
  }
}

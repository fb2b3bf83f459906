package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.ReplicaState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One listener: called by one thread at a time, with states in the order of their publication. A
 * slow one misses states in between, never the newest.
 */
final class Listener {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  private final Consumer<ReplicaState> listener;
  private final Executor threads;
  private @Nullable ReplicaState next; // guarded by this
  private boolean running; // guarded by this
  private boolean ended; // guarded by this

  Listener(Consumer<ReplicaState> listener, Executor threads) {
    this.listener = listener;
    this.threads = threads;
  }

  synchronized void tell(ReplicaState state) {
    if (ended) {
      return;
    }
    next = state;
    if (!running) {
      running = true;
      threads.execute(this::run);
    }
  }

  /** No call begins after this. */
  synchronized void end() {
    ended = true;
    next = null;
  }

  private synchronized @Nullable ReplicaState take() {
    ReplicaState state = next;
    next = null;
    running = state != null;
    return state;
  }

  private void run() {
    for (ReplicaState state = take(); state != null; state = take()) {
      try {
        listener.accept(state);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.WARNING, "litestream: a listener failed at TXID " + state.txid(), e);
      }
    }
  }
}

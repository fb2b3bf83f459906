package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.StoreException;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Builds a state that readers stand on anew, when a file under it is gone: the same TXID of the
 * same lineage, from what there is now. Thread-safe.
 */
final class Replanner {

  /** Listings when files vanish between listing and read, as {@link TimeTravel}'s. */
  private static final int LISTINGS = 8;

  private static final String RESET = "the replica was reset, or all its files were replaced";
  private static final String REMOVED =
      "compaction and retention have removed the files that led to it";

  private final Core core;
  private final Follower follower;

  Replanner(Core core, Follower follower) {
    this.core = core;
    this.follower = follower;
  }

  /**
   * A view of the same state. It is the caller's.
   *
   * @param turn held by whoever publishes: when it is free, and the state is the published one, the
   *     new view is published too, so that later readers need not come here
   * @throws ReplicaException UNAVAILABLE or LINEAGE when that state is not to be had any more
   */
  NativeView sameState(NativeView pinned, Lock turn) throws StoreException, ReplicaException {
    ViewInfo info = pinned.info();
    for (int attempt = 1; ; attempt++) {
      try {
        NativeView view = build(pinned, info);
        publish(view, turn);
        return view;
      } catch (ReplicaException e) {
        switch (e.kind()) {
          case VANISHED -> {
            if (attempt == LISTINGS) {
              throw gone(info, "the replica changes faster than it can be read", e);
            }
          }
          case LINEAGE -> throw gone(info, RESET, e);
          default -> throw e;
        }
      }
    }
  }

  private NativeView build(NativeView pinned, ViewInfo info)
      throws StoreException, ReplicaException {
    Plan plan = core.planner().planExactly(core.listAll(), info.txid());
    if (plan.isEmpty()) {
      throw gone(info, lineageLives(pinned, info) ? REMOVED : RESET, null);
    }
    NativeView view = core.assembler().build(plan, opened -> lineageLives(pinned, info));
    try {
      view.sameAs(pinned);
      return view;
    } catch (NativeException e) {
      view.close();
      throw gone(info, e.getMessage(), e);
    }
  }

  /**
   * By a file of the state itself, or of the published one if that followed from it without a
   * break.
   */
  private boolean lineageLives(NativeView pinned, ViewInfo info) throws StoreException {
    if (core.evidence().alive(pinned)) {
      return true;
    }
    long epoch = follower.epoch();
    try (NativeView latest = core.db().latest()) {
      return latest != null
          && info.state() >= epoch
          && latest.info().state() >= epoch
          && core.evidence().alive(latest)
          && follower.epoch() == epoch;
    }
  }

  private void publish(NativeView view, Lock turn) {
    if (turn.tryLock()) {
      try {
        follower.repoint(view);
      } catch (ReplicaException e) {
        core.notices().report(e.getMessage());
      } finally {
        turn.unlock();
      }
    }
  }

  private ReplicaException gone(ViewInfo info, @Nullable String why, @Nullable Throwable cause) {
    return new ReplicaException(
        ReplicaException.Kind.UNAVAILABLE,
        "the state of this transaction, TXID "
            + LtxName.hex(info.txid())
            + " of "
            + core.store().describe()
            + ", can no longer be read: "
            + why
            + ". End the transaction and begin a new one",
        cause);
  }
}

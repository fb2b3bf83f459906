package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Views of the past: the newest state strictly before an instant. Thread-safe; any number of
 * connections may travel at once.
 */
final class TimeTravel {

  /** Listings until a hole, which a compaction may have left for a moment, is believed. */
  private static final int GAP_LISTINGS = 3;

  /**
   * Listings when files vanish before they are read. Retention deletes level by level, so beside a
   * fast primary and a slow store several in a row may be out of date.
   */
  private static final int LISTINGS = 8;

  private final Core core;
  private final Follower follower;

  TimeTravel(Core core, Follower follower) {
    this.core = core;
    this.follower = follower;
  }

  /**
   * The view of an instant. It is the caller's.
   *
   * @param present the latest published view (borrowed); it must be up to date when the instant
   *     lies after it
   * @throws ReplicaException UNAVAILABLE before the first state, with the first instant there is;
   *     VANISHED or LINEAGE when the store changes faster than it can be read
   */
  NativeView view(Instant instant, NativeView present) throws StoreException, ReplicaException {
    if (present.info().timestamp().isBefore(instant)) {
      return present.share();
    }
    NativeView kept = core.kept().find(instant);
    if (kept != null) {
      return kept;
    }
    long epoch = follower.epoch();
    NativeView view = plan(instant, present);
    if (follower.epoch() != epoch) {
      view.close();
      throw new ReplicaException(
          ReplicaException.Kind.LINEAGE, "the replica was reset meanwhile", null);
    }
    core.kept().keep(instant, view);
    return view;
  }

  private NativeView plan(Instant instant, NativeView present)
      throws StoreException, ReplicaException {
    TimeSearch search = new TimeSearch(core.headers(), core.world());
    for (int attempt = 1; ; attempt++) {
      try {
        Catalog catalog = core.listAll();
        Plan plan = core.planner().plan(search.before(catalog, instant), Planner.LATEST);
        if (plan.gap() != null && attempt < GAP_LISTINGS) {
          continue;
        }
        if (plan.isEmpty()) {
          throw beforeFirst(instant, catalog);
        }
        return core.assembler().build(plan, opened -> core.evidence().alive(present));
      } catch (ReplicaException e) {
        if (e.kind() != ReplicaException.Kind.VANISHED) {
          throw e;
        }
        if (attempt == LISTINGS) {
          throw new ReplicaException(
              e.kind(),
              "the replica changes faster than it can be read, try again: " + e.getMessage(),
              e);
        }
      }
    }
  }

  private ReplicaException beforeFirst(Instant instant, Catalog catalog)
      throws StoreException, ReplicaException {
    Optional<Instant> first = firstInstant(catalog);
    return new ReplicaException(
        ReplicaException.Kind.UNAVAILABLE,
        "no state before "
            + instant
            + " in "
            + core.store().describe()
            + first
                .map(f -> "; the first one is of " + f + ", seen at any later instant")
                .orElse(""),
        null);
  }

  /**
   * The time of the first state that can be had: of the first file of any level that begins at TXID
   * 1.
   */
  private Optional<Instant> firstInstant(Catalog catalog) throws StoreException, ReplicaException {
    Instant first = null;
    for (List<LtxObject> level : catalog.levels()) {
      Optional<LtxObject> base = level.stream().filter(o -> o.name().minTxid() == 1).findFirst();
      if (base.isPresent()) {
        FileInfo header = core.headers().read(base.get()).info();
        if (first == null || header.timestamp().isBefore(first)) {
          first = header.timestamp();
        }
      }
    }
    return Optional.ofNullable(first);
  }
}

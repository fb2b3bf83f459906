package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Views of the past: the newest state strictly before an instant, or that of a TXID. Thread-safe;
 * any number of connections may travel at once.
 */
final class TimeTravel {

  /** Listings until a hole, which a compaction may have left for a moment, is believed. */
  private static final int GAP_LISTINGS = 3;

  /**
   * Listings when files vanish before they are read. Retention deletes level by level, so beside a
   * fast primary and a slow store several in a row may be out of date.
   */
  private static final int LISTINGS = 8;

  /** Tries while the lineage changes under a travel. */
  private static final int ATTEMPTS = 3;

  private final Core core;
  private final Follower follower;
  private final Lookout lookout;

  TimeTravel(Core core, Follower follower, Lookout lookout) {
    this.core = core;
    this.follower = follower;
    this.lookout = lookout;
  }

  /**
   * The newest state strictly before the instant. The view is the caller's.
   *
   * @throws ReplicaException UNAVAILABLE before the first state, with the first instant there is;
   *     VANISHED or LINEAGE when the store changes faster than it can be read
   */
  NativeView viewAt(Instant instant) throws StoreException, ReplicaException {
    return travelled(
        known -> known.timestamp().isBefore(instant), present -> view(instant, present));
  }

  /**
   * Exactly the state of a TXID. The view is the caller's.
   *
   * @throws ReplicaException UNAVAILABLE when that state is not to be had, with its nearest
   *     neighbours that are; VANISHED or LINEAGE as {@link #viewAt}
   */
  NativeView viewOf(long txid) throws StoreException, ReplicaException {
    return travelled(known -> known.txid() < txid, present -> viewOf(txid, present));
  }

  private interface Way {
    NativeView to(NativeView present) throws StoreException, ReplicaException;
  }

  /**
   * @param ahead whether the destination lies after what is known, so that a look for news is due
   */
  private NativeView travelled(Predicate<ViewInfo> ahead, Way way)
      throws StoreException, ReplicaException {
    for (int attempt = 1; ; attempt++) {
      try (NativeView known = latest()) {
        if (ahead.test(known.info())) {
          lookout.lookUnlessFresh(Duration.ZERO);
        }
        try (NativeView present = latest()) {
          return way.to(present);
        }
      } catch (ReplicaException e) {
        if (e.kind() != ReplicaException.Kind.LINEAGE || attempt == ATTEMPTS) {
          throw e;
        }
        follower.listSoon();
        lookout.lookQuietly();
      }
    }
  }

  private NativeView latest() {
    NativeView view = core.db().latest();
    if (view == null) {
      throw new IllegalStateException("no view is published yet");
    }
    return view;
  }

  /**
   * @param present the latest published view (borrowed); it must be up to date when the instant
   *     lies after it
   */
  private NativeView view(Instant instant, NativeView present)
      throws StoreException, ReplicaException {
    if (present.info().timestamp().isBefore(instant)) {
      return present.share();
    }
    NativeView kept = core.kept().find(instant);
    if (kept != null) {
      return kept;
    }
    PastFiles files = new PastFiles(core);
    NativeView view =
        sameEpoch(
            present,
            (catalog, old) -> {
              TimeSearch.Past past = files.before(catalog, old, instant);
              Plan plan = core.planner().plan(past.catalog(), Planner.LATEST);
              return old && !past.leadsOn(plan.txid()) ? Plan.NONE : plan;
            },
            catalog -> beforeFirst(instant, catalog));
    core.kept().keep(instant, view);
    return view;
  }

  private NativeView viewOf(long txid, NativeView present) throws StoreException, ReplicaException {
    if (present.info().txid() == txid) {
      return present.share();
    }
    NativeView kept = core.kept().find(txid);
    if (kept != null) {
      return kept;
    }
    NativeView view =
        sameEpoch(
            present,
            (catalog, old) -> exactly(txid, catalog, old),
            catalog -> notReachable(txid, catalog));
    core.kept().keep(txid, view);
    return view;
  }

  /** Where a way was found, what lies beyond the TXID is no gap. */
  private Plan exactly(long txid, Catalog catalog, boolean old)
      throws StoreException, ReplicaException {
    Plan plan = core.planner().plan(new PastFiles(core).upTo(catalog, old, txid), txid);
    return plan.isEmpty() ? plan : new Plan(plan.files(), txid, null);
  }

  /** Plans a destination from a listing; none leads there, or may, where an old one is in doubt. */
  private interface Route {
    Plan through(Catalog catalog, boolean old) throws StoreException, ReplicaException;
  }

  /** Says why a listing has no way to it. */
  private interface NoRoute {
    ReplicaException in(Catalog catalog) throws StoreException, ReplicaException;
  }

  private NativeView sameEpoch(NativeView present, Route route, NoRoute none)
      throws StoreException, ReplicaException {
    long epoch = follower.epoch();
    NativeView view = build(present, route, none);
    if (follower.epoch() != epoch) {
      view.close();
      throw new ReplicaException(
          ReplicaException.Kind.LINEAGE, "the replica was reset meanwhile", null);
    }
    return view;
  }

  private NativeView build(NativeView present, Route route, NoRoute none)
      throws StoreException, ReplicaException {
    Catalog listed = core.listed().catalog();
    for (int attempt = listed == null ? 1 : 0; ; attempt++) {
      try {
        Catalog old = attempt == 0 ? listed : null;
        Catalog catalog = old != null ? old : listAll();
        Plan plan = route.through(catalog, old != null);
        if (plan.gap() != null && attempt < GAP_LISTINGS) {
          continue;
        }
        if (plan.isEmpty()) {
          if (attempt == 0) {
            continue;
          }
          throw none.in(catalog);
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

  private Catalog listAll() throws StoreException, ReplicaException {
    long mark = core.listed().mark();
    Catalog all = core.listAll();
    core.listed().offer(all, mark);
    return all;
  }

  private ReplicaException notReachable(long txid, Catalog catalog) {
    Long below = nearest(catalog, History.txids(catalog).headSet(txid, false).descendingSet());
    Long above = nearest(catalog, History.txids(catalog).tailSet(txid, false));
    String neighbours =
        Stream.of(below, above)
            .filter(Objects::nonNull)
            .map(LtxName::hex)
            .collect(Collectors.joining(" and "));
    return new ReplicaException(
        ReplicaException.Kind.UNAVAILABLE,
        "no state with TXID "
            + LtxName.hex(txid)
            + " in "
            + core.store().describe()
            + ": compacted away, or not written yet; the nearest that can be had: "
            + (neighbours.isEmpty() ? "none" : neighbours),
        null);
  }

  private static @Nullable Long nearest(Catalog catalog, SortedSet<Long> candidates) {
    Planner planner = new Planner();
    for (long txid : candidates) {
      if (!planner.plan(catalog, txid).isEmpty()) {
        return txid;
      }
    }
    return null;
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

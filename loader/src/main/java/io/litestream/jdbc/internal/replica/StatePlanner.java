package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.util.ArrayList;
import java.util.List;

/**
 * Litestream's plan, but not from a snapshot that may be ahead of its name where another way
 * reaches the same TXID.
 */
final class StatePlanner {

  private final Planner planner;
  private final SnapshotProof proof;

  StatePlanner(Planner planner, SnapshotProof proof) {
    this.planner = planner;
    this.proof = proof;
  }

  /**
   * The best plan to the target; the one that {@code litestream restore} would take where none is
   * better.
   */
  Plan plan(Catalog catalog, long target) throws StoreException, ReplicaException {
    Plan restore = planner.plan(catalog, target);
    LtxObject base = restore.snapshot();
    if (base == null || proof.exact(base, catalog)) {
      return restore;
    }
    for (Catalog other : otherBases(catalog, base)) {
      Plan plan = planner.plan(other, target);
      if (!plan.isEmpty() && plan.txid() == restore.txid()) {
        return plan;
      }
    }
    return restore;
  }

  /**
   * A plan to exactly {@code txid} for a state that readers have seen: from proven snapshots and
   * levels 0-8 alone.
   */
  Plan planExactly(Catalog catalog, long txid) throws StoreException, ReplicaException {
    List<LtxObject> proven = new ArrayList<>();
    for (LtxObject snapshot : catalog.level(LtxName.SNAPSHOT_LEVEL)) {
      if (snapshot.name().maxTxid() <= txid && proof.exact(snapshot, catalog)) {
        proven.add(snapshot);
      }
    }
    for (int newest = proven.size(); newest >= 0; newest--) {
      Plan plan = planner.plan(withSnapshots(catalog, proven.subList(0, newest)), txid);
      if (!plan.isEmpty()) {
        return plan;
      }
    }
    return Plan.NONE;
  }

  /**
   * Catalogs without the doubtful snapshot: first with none at all (levels 0-8 are always exact),
   * then with the proven ones, newest first, then with the others, oldest first: what an old one
   * has too much is most likely overlaid by the files that follow it.
   */
  private List<Catalog> otherBases(Catalog catalog, LtxObject doubtful)
      throws StoreException, ReplicaException {
    List<LtxObject> proven = new ArrayList<>();
    List<LtxObject> unproven = new ArrayList<>();
    for (LtxObject snapshot : catalog.level(LtxName.SNAPSHOT_LEVEL)) {
      if (snapshot.name().maxTxid() < doubtful.name().maxTxid()) {
        (proof.exact(snapshot, catalog) ? proven : unproven).add(snapshot);
      }
    }
    List<Catalog> others = new ArrayList<>();
    others.add(withSnapshots(catalog, List.of()));
    proven.reversed().forEach(s -> others.add(withSnapshots(catalog, List.of(s))));
    unproven.forEach(s -> others.add(withSnapshots(catalog, List.of(s))));
    return others;
  }

  private static Catalog withSnapshots(Catalog catalog, List<LtxObject> snapshots) {
    return catalog.filter(o -> o.name().level() != LtxName.SNAPSHOT_LEVEL || snapshots.contains(o));
  }
}

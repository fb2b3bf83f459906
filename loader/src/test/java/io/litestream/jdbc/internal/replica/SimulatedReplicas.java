package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;

/** Makes replicas for the simulator: sound ones, and ones that plan as upstream did. */
public final class SimulatedReplicas {

  /** How a replica plans its way on from a known position. */
  public enum Extension {
    SOUND,
    /** C-4: a compacted file that straddles the position makes every poll fail. */
    REFUSES_STRADDLING,
    /** C-5: only levels 0 and 1 are looked at. */
    LOW_LEVELS_ONLY
  }

  private SimulatedReplicas() {}

  public static Replica of(
      Extension extension, NativeDb db, ReplicaStore store, World world, ReplicaSettings settings) {
    Planner extender =
        switch (extension) {
          case SOUND -> new Planner();
          case REFUSES_STRADDLING -> new RefusesStraddling();
          case LOW_LEVELS_ONLY -> new LowLevelsOnly();
        };
    return new Replica(db, store, world, settings, extender);
  }

  /** Takes the position for a boundary between files, wherever it lies. */
  private static final class RefusesStraddling extends Planner {
    @Override
    Plan extend(Catalog catalog, long position) {
      for (int level = 1; level < LtxName.SNAPSHOT_LEVEL; level++) {
        for (LtxObject file : catalog.level(level)) {
          if (file.name().minTxid() <= position && file.name().maxTxid() > position) {
            throw new IllegalStateException(file.name() + " is not contiguous with " + position);
          }
        }
      }
      return super.extend(catalog, position);
    }
  }

  private static final class LowLevelsOnly extends Planner {
    LowLevelsOnly() {
      super(1);
    }

    @Override
    Plan extend(Catalog catalog, long position) {
      Plan plan = super.extend(catalog, position);
      if (plan.txid() < catalog.maxTxid()) {
        throw new IllegalStateException("levels 0 and 1 end at " + plan.txid());
      }
      return plan;
    }
  }
}

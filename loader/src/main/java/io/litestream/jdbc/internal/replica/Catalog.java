package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files of each level, as one round of listings found them.
 *
 * <p>A listing round is not atomic: a compaction or a deletion may happen between two levels. The
 * levels are started in ascending order, so that what moves up meanwhile is seen twice rather than
 * never; and whoever plans with a catalog copes with files that are gone.
 *
 * @param levels ten lists, index = level, each ascending by name
 */
record Catalog(List<List<LtxObject>> levels) {

  /** Lists the levels whose bit is set, each after {@code after[level]} (null: from its start). */
  static Catalog list(
      ReplicaStore store, World world, Duration timeout, int levelMask, @Nullable LtxName[] after)
      throws StoreException, ReplicaException {
    List<World.StoreCall<List<LtxObject>>> calls = new ArrayList<>();
    for (int level = 0; level < LtxName.LEVELS; level++) {
      int l = level;
      LtxName start = after[level];
      calls.add((levelMask & 1 << level) == 0 ? List::of : () -> store.list(l, start, timeout));
    }
    return new Catalog(world.all(calls));
  }

  /** Lists everything. */
  static Catalog listAll(ReplicaStore store, World world, Duration timeout)
      throws StoreException, ReplicaException {
    return list(store, world, timeout, ALL_LEVELS, new LtxName[LtxName.LEVELS]);
  }

  static final int ALL_LEVELS = (1 << LtxName.LEVELS) - 1;

  List<LtxObject> level(int level) {
    return levels.get(level);
  }

  boolean isEmpty() {
    return levels.stream().allMatch(List::isEmpty);
  }

  /** The highest TXID that any file reaches, 0 when there is none. */
  long maxTxid() {
    return levels.stream().flatMap(List::stream).mapToLong(o -> o.name().maxTxid()).max().orElse(0);
  }

  /** This catalog without the files that fail the test. */
  Catalog filter(Predicate<LtxObject> keep) {
    return new Catalog(levels.stream().map(files -> files.stream().filter(keep).toList()).toList());
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files whose overlay, in this order, gives a state.
 *
 * @param files each begins at or before the position reached so far + 1 and ends after it
 * @param txid the TXID of the state; 0 for an empty plan that started from nothing
 * @param gap the lowest file that lies beyond a hole after {@code txid}; null without one
 */
record Plan(List<LtxObject> files, long txid, @Nullable LtxObject gap) {

  /** No way to anywhere. */
  static final Plan NONE = new Plan(List.of(), 0, null);

  boolean isEmpty() {
    return files.isEmpty();
  }

  /** The level-9 file that the plan starts from; null when it starts from a lower level. */
  @Nullable LtxObject snapshot() {
    return !files.isEmpty() && files.getFirst().name().level() == LtxName.SNAPSHOT_LEVEL
        ? files.getFirst()
        : null;
  }
}

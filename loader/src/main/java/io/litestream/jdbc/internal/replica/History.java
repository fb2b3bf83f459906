package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.ReplicaState;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/** The states that a replica offers now. */
final class History {

  private final ReplicaStore store;
  private final World world;
  private final Duration timeout;
  private final Headers headers;

  History(ReplicaStore store, World world, Headers headers, Duration timeout) {
    this.store = store;
    this.world = world;
    this.timeout = timeout;
    this.headers = headers;
  }

  /** A state, and the file that brings it. */
  record State(long txid, Instant time, LtxObject file) {}

  /**
   * The newest states, ascending, at most {@code limit}. Reads the header of one file for each.
   *
   * @throws ReplicaException EMPTY where there is no replica, VANISHED when a file went away
   *     meanwhile
   */
  List<ReplicaState> newest(int limit) throws StoreException, ReplicaException {
    List<ReplicaState> states = new ArrayList<>();
    for (State state : before(Catalog.listAll(store, world, timeout), 0, limit)) {
      states.add(
          new ReplicaState(LtxName.hex(state.txid()), state.time(), state.file().name().level()));
    }
    Collections.reverse(states);
    return states;
  }

  /**
   * The newest states of a listing below a TXID (0: of all), newest first, at most {@code limit}.
   * Otherwise as {@link #newest}.
   */
  List<State> before(Catalog catalog, long txid, int limit)
      throws StoreException, ReplicaException {
    if (catalog.isEmpty()) {
      throw ReplicaException.nothingToOpen(store, catalog);
    }
    Planner planner = new Planner();
    List<World.StoreCall<State>> calls = new ArrayList<>();
    for (long candidate : txids(catalog).descendingSet()) {
      if (calls.size() == limit) {
        break;
      }
      if (txid != 0 && candidate >= txid) {
        continue;
      }
      Plan plan = planner.plan(catalog, candidate);
      if (!plan.isEmpty()) {
        LtxObject last = plan.files().getLast();
        calls.add(() -> new State(plan.txid(), headers.read(last).info().timestamp(), last));
      }
    }
    return world.all(calls);
  }

  /** The TXIDs that files end at: those of states, if a plan leads there. */
  static TreeSet<Long> txids(Catalog catalog) {
    TreeSet<Long> txids = new TreeSet<>();
    catalog.levels().forEach(level -> level.forEach(o -> txids.add(o.name().maxTxid())));
    return txids;
  }
}

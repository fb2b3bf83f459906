package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.ReplicaState;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

/** The states that a replica offers now. */
final class History {

  private final ReplicaStore store;
  private final World world;
  private final Duration timeout;
  private final Headers headers;

  History(ReplicaStore store, World world, Duration timeout) {
    this.store = store;
    this.world = world;
    this.timeout = timeout;
    this.headers = new Headers(store, new FileTable(), timeout);
  }

  /**
   * The newest states, ascending, at most {@code limit}. Reads the header of one file for each.
   *
   * @throws ReplicaException EMPTY where there is no replica, VANISHED when a file went away
   *     meanwhile
   */
  List<ReplicaState> newest(int limit) throws StoreException, ReplicaException {
    Catalog catalog = Catalog.listAll(store, world, timeout);
    if (catalog.isEmpty()) {
      throw ReplicaException.nothingToOpen(store, catalog);
    }
    Planner planner = new Planner();
    List<World.StoreCall<ReplicaState>> calls = new ArrayList<>();
    Iterator<Long> txids = txids(catalog).descendingIterator();
    while (calls.size() < limit && txids.hasNext()) {
      Plan plan = planner.plan(catalog, txids.next());
      if (!plan.isEmpty()) {
        LtxObject last = plan.files().getLast();
        calls.add(
            () ->
                new ReplicaState(
                    LtxName.hex(plan.txid()),
                    headers.read(last).info().timestamp(),
                    last.name().level()));
      }
    }
    List<ReplicaState> states = new ArrayList<>(world.all(calls));
    Collections.reverse(states);
    return states;
  }

  private static TreeSet<Long> txids(Catalog catalog) {
    TreeSet<Long> txids = new TreeSet<>();
    catalog.levels().forEach(level -> level.forEach(o -> txids.add(o.name().maxTxid())));
    return txids;
  }
}

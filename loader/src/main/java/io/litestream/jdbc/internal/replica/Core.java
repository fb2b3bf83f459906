package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.replica.FileTable.Known;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parts that the follower, time travel and re-planning of one replica share. */
final class Core {

  private final ReplicaStore store;
  private final World world;
  private final NativeDb db;
  private final Duration timeout;
  private final Notices notices;
  private final FileTable table = new FileTable();
  private final KeptViews kept = new KeptViews();
  private final Listed listed = new Listed();
  private final FileOpener opener;
  private final Assembler assembler;
  private final Evidence evidence;
  private final Headers headers;
  private final HotPages hotPages;
  private final StatePlanner planner;
  private final Planner extender;

  Core(ReplicaStore store, World world, NativeDb db, Duration timeout, Planner extender) {
    this.store = store;
    this.world = world;
    this.db = db;
    this.timeout = timeout;
    this.extender = extender;
    this.notices = new Notices(store.describe(), db::notice);
    this.opener = new FileOpener(store, world, db, table, timeout);
    this.assembler = new Assembler(db, table, opener);
    this.evidence = new Evidence(store, table, timeout);
    this.headers = new Headers(store, table, timeout);
    this.hotPages = new HotPages(store, world, table, timeout);
    this.planner = new StatePlanner(new Planner(), new SnapshotProof(headers));
  }

  ReplicaStore store() {
    return store;
  }

  World world() {
    return world;
  }

  NativeDb db() {
    return db;
  }

  Duration timeout() {
    return timeout;
  }

  Notices notices() {
    return notices;
  }

  FileTable table() {
    return table;
  }

  KeptViews kept() {
    return kept;
  }

  Listed listed() {
    return listed;
  }

  FileOpener opener() {
    return opener;
  }

  Assembler assembler() {
    return assembler;
  }

  Evidence evidence() {
    return evidence;
  }

  Headers headers() {
    return headers;
  }

  HotPages hotPages() {
    return hotPages;
  }

  StatePlanner planner() {
    return planner;
  }

  /** Plans the way on from a known position. */
  Planner extender() {
    return extender;
  }

  Catalog listAll() throws StoreException, ReplicaException {
    return Catalog.listAll(store, world, timeout);
  }

  Catalog listRecent() throws StoreException, ReplicaException {
    return Catalog.listRecent(store, world, timeout);
  }

  Catalog list(@Nullable LtxName[] after) throws StoreException, ReplicaException {
    return Catalog.list(store, world, timeout, after);
  }

  /** Lists one level. */
  Catalog list(int level, @Nullable LtxName after) throws StoreException {
    return Catalog.ofLevel(level, store.list(level, after, timeout));
  }

  Catalog listFrom(int level, @Nullable LtxName after) throws StoreException {
    return Catalog.listFrom(store, level, after, timeout);
  }

  @Nullable Fetched probe(LtxName name, int length) throws StoreException {
    return store.probe(name, length, timeout);
  }

  /**
   * The lineage check for a plan that takes nothing known for granted. Where listings give tags,
   * reads were pinned to what the listings showed, and what was read after all listings had ended
   * is of one lineage; elsewhere all must still be there at the end.
   */
  boolean openedTogether(List<Known> opened) throws StoreException {
    return store.listsTags() || evidence.allExist(opened);
  }

  /** Drops all that is known: there is no evidence that it belongs to what the store holds now. */
  void forget() {
    kept.clear();
    listed.forget();
    table.forget();
  }

  /** Closes the files that neither the published view nor a kept one rests on. */
  void retain(NativeView published) {
    Set<Long> ids = kept.files();
    for (long id : published.files()) {
      ids.add(id);
    }
    table.retain(ids);
  }

  /** Makes the view what the next reader gets. Closes it when that fails. */
  void publish(NativeView view) throws ReplicaException {
    try {
      db.publish(view);
    } catch (NativeException e) {
      view.close();
      throw new ReplicaException(ReplicaException.Kind.UNAVAILABLE, e.getMessage(), e);
    }
  }

  void close() {
    forget();
    table.reap(db, store);
  }
}

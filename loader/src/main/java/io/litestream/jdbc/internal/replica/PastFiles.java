package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.replica.Timeline.Bracket;
import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The files that lead to a state of the past.
 *
 * <p>What was listed before is brought up to date by listing what has come since: one request for
 * the compacted levels, because level 0 is followed by name. Each level grows at its end, and what
 * is gone from it is noticed when it is read. Beside that, the part of a level is listed that was
 * left out.
 */
final class PastFiles {

  private final Core core;

  PastFiles(Core core) {
    this.core = core;
  }

  /**
   * As {@link TimeSearch#before}.
   *
   * @param old whether the catalog was listed before this travel
   */
  TimeSearch.Past before(Catalog catalog, boolean old, Instant instant)
      throws StoreException, ReplicaException {
    Bracket bracket = core.table().timeline().around(instant);
    TimeSearch search = new TimeSearch(core.headers(), core.world(), bracket);
    if (!old) {
      return search.before(catalog, instant);
    }
    Catalog past = search.before(catalog, instant).catalog();
    return search.before(complete(catalog, past, bracket.after()), instant);
  }

  /** The files for the state of a TXID. Otherwise as {@link #before}. */
  Catalog upTo(Catalog catalog, boolean old, long txid) throws StoreException, ReplicaException {
    return old ? complete(catalog, catalog.filter(o -> o.name().maxTxid() <= txid), txid) : catalog;
  }

  /**
   * @param past the catalog's files for the destination
   * @param end a TXID that is not before it
   */
  private Catalog complete(Catalog catalog, Catalog past, long end)
      throws StoreException, ReplicaException {
    List<World.StoreCall<Catalog>> calls = new ArrayList<>();
    List<LtxObject> compacted = catalog.level(1);
    LtxName last = compacted.isEmpty() ? null : compacted.getLast().name();
    calls.add(() -> core.listFrom(1, last));
    for (int level = LtxName.SNAPSHOT_LEVEL - 1; level >= 0; level--) {
      int l = level;
      long reached = reached(past, l);
      if (reached < catalog.floor(l)) {
        calls.add(() -> Catalog.ofLevel(l, between(l, reached, Math.min(end, catalog.floor(l)))));
      }
    }
    Catalog all = catalog;
    for (Catalog found : core.world().all(calls)) {
      all = all.plus(found);
    }
    return all;
  }

  /** How far the levels above lead. */
  private static long reached(Catalog past, int level) {
    long reached = 0;
    for (int above = level + 1; above < LtxName.LEVELS; above++) {
      for (LtxObject file : past.level(above)) {
        reached = Math.max(reached, file.name().maxTxid());
      }
    }
    return reached;
  }

  /** The files of a level that go on from a TXID, at least to another one. */
  private List<LtxObject> between(int level, long reached, long end) throws StoreException {
    List<LtxObject> files = new ArrayList<>();
    LtxName after = reached == 0 ? null : new LtxName(level, reached, reached);
    while (true) {
      ListPage page = core.store().listPage(level, after, core.timeout());
      files.addAll(page.files());
      if (page.last()) {
        return files;
      }
      if (page.files().isEmpty()) {
        return core.store().list(level, null, core.timeout()); // a server without start-after
      }
      after = page.files().getLast().name();
      if (after.minTxid() > end) {
        return files;
      }
    }
  }
}

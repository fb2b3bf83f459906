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
 * the compacted levels, which grow at their ends; what is gone from them is noticed when it is
 * read. Beside that, the part of a level is listed that was left out. Up to an instant, level 0 is
 * listed from where the others end: a file of it may have come so late that the follower had gone
 * over it by a compacted one.
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
    return search.before(complete(catalog, past, bracket.after(), true), instant);
  }

  /** The files for the state of a TXID. Otherwise as {@link #before}. */
  Catalog upTo(Catalog catalog, boolean old, long txid) throws StoreException, ReplicaException {
    return old
        ? complete(catalog, catalog.filter(o -> o.name().maxTxid() <= txid), txid, false)
        : catalog;
  }

  /**
   * @param past the catalog's files for the destination
   * @param end a TXID that is not before it
   * @param raw whether level 0 is listed even where none of it was left out
   */
  private Catalog complete(Catalog catalog, Catalog past, long end, boolean raw)
      throws StoreException, ReplicaException {
    List<World.StoreCall<Catalog>> calls = new ArrayList<>();
    List<LtxObject> compacted = catalog.level(1);
    LtxName last = compacted.isEmpty() ? null : compacted.getLast().name();
    calls.add(() -> core.listFrom(1, last));
    for (int level = LtxName.SNAPSHOT_LEVEL - 1; level >= 0; level--) {
      int l = level;
      long reached = reached(past, l);
      long upto = raw && l == 0 ? end : Math.min(end, catalog.floor(l));
      if (reached < upto) {
        calls.add(() -> Catalog.ofLevel(l, between(l, reached, upto)));
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

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of the lineage that listings and probes have shown, so that a travel into the past need
 * not list them again.
 *
 * <p>Invariant: there is either nothing here, or every file that leads to a state up to the
 * published one, as far as it was in the store when it was listed. Later compacted files may be
 * missing, and files in it may be gone by now: whoever meets that lists anew.
 *
 * <p>Thread-safe. The follower tells what it finds; a travel may offer a listing of its own.
 */
final class Listed {

  /** A day of files at Litestream's defaults, and some; more are listed anew. */
  private static final int MAX = 10_000;

  private @Nullable Catalog catalog; // guarded by this, as what follows
  private long changes;

  /** The files, or null where they have to be listed. */
  synchronized @Nullable Catalog catalog() {
    return catalog;
  }

  /** To be asked before a listing that is to be offered. */
  synchronized long mark() {
    return changes;
  }

  /** Takes a complete listing that was made since {@code mark}, unless something came between. */
  synchronized void offer(Catalog complete, long mark) {
    if (changes == mark) {
      set(complete);
    }
  }

  /** Takes a complete listing of the follower's. */
  synchronized void set(Catalog complete) {
    catalog = complete;
    changes++;
  }

  /** Files have come. */
  synchronized void add(Catalog news) {
    changes++;
    if (catalog != null) {
      Catalog all = catalog.plus(news);
      catalog = all.levels().stream().mapToInt(List::size).sum() > MAX ? null : all;
    }
  }

  /** A level-0 file has come. */
  void add(LtxObject raw) {
    add(Catalog.ofLevel(0, List.of(raw)));
  }

  /** There may be files that nobody looked for, or those known may be of another lineage. */
  synchronized void forget() {
    catalog = null;
    changes++;
  }
}

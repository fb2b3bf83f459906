package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.HistoryRow;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The states that can be travelled to, a batch at a time, as a query asks for them. */
final class HistoryRows {

  /** Listings before a replica is taken to change faster than it can be read. */
  private static final int LISTINGS = 3;

  private final Core core;
  private final History history;

  /** What the query's first batch was read from, for the next ones. Memory may take it back. */
  private volatile SoftReference<Catalog> listing = new SoftReference<>(null);

  HistoryRows(Core core) {
    this.core = core;
    this.history = new History(core.store(), core.world(), core.headers(), core.timeout());
  }

  /**
   * The next states below a TXID (0: of all), newest first. Reads one header for each, side by
   * side; and where pages are wanted, the page index too. Lists the levels only at a query's begin,
   * or when a file has gone away since.
   */
  List<HistoryRow> before(long txid, int max, boolean pages)
      throws StoreException, ReplicaException {
    @Nullable Catalog catalog = txid == 0 ? null : listing.get();
    for (int attempt = 1; ; attempt++) {
      if (catalog == null) {
        catalog = core.listAll();
        listing = new SoftReference<>(catalog);
      }
      try {
        return rows(history.before(catalog, txid, max), pages);
      } catch (ReplicaException e) {
        if (e.kind() != ReplicaException.Kind.VANISHED || attempt == LISTINGS) {
          throw e;
        }
        catalog = null;
      }
    }
  }

  private List<HistoryRow> rows(List<History.State> states, boolean pages)
      throws StoreException, ReplicaException {
    long[] counts = pages ? pages(states) : new long[0];
    List<HistoryRow> rows = new ArrayList<>();
    for (History.State state : states) {
      LtxObject file = state.file();
      long count = pages ? counts[rows.size()] : -1;
      rows.add(new HistoryRow(state.txid(), state.time(), file.name().level(), count, file.size()));
    }
    return rows;
  }

  private long[] pages(List<History.State> states) throws StoreException, ReplicaException {
    List<FileTable.Known> opened =
        core.opener().open(states.stream().map(History.State::file).toList());
    try {
      return opened.stream().mapToLong(file -> file.info().pages()).toArray();
    } finally {
      core.table().discard(opened);
    }
  }
}

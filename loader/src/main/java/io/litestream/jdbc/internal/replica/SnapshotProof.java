package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a level-9 file is exactly the state that its name says.
 *
 * <p>Releases of Litestream up to 0.5.14 read the WAL to its current end while they wrote a
 * snapshot, so that it can hold transactions later than the TXID in its name. A snapshot is exact
 * if a release that does not do so wrote it (its pages are LZ4 blocks: 0.5.16 and newer), or if its
 * WAL position is the one of the L0 file with the same max TXID.
 */
final class SnapshotProof {

  /** More snapshots than any retention keeps; only a bound on memory. */
  private static final int MAX_REMEMBERED = 1000;

  private final Headers headers;
  private final Map<LtxObject, Boolean> proven = new HashMap<>();

  SnapshotProof(Headers headers) {
    this.headers = headers;
  }

  /** Whether the snapshot is known to be exact. May read two headers, once per snapshot. */
  boolean exact(LtxObject snapshot, Catalog catalog) throws StoreException, ReplicaException {
    synchronized (proven) {
      Boolean known = proven.get(snapshot);
      if (known != null) {
        return known;
      }
    }
    Headers.Header header = headers.read(snapshot);
    boolean exact = header.blocks() || matchesRaw(header.info(), catalog);
    synchronized (proven) {
      if (exact || proven.size() < MAX_REMEMBERED) {
        proven.put(snapshot, exact);
      }
    }
    return exact;
  }

  private boolean matchesRaw(FileInfo snapshot, Catalog catalog)
      throws StoreException, ReplicaException {
    long txid = snapshot.maxTxid();
    Optional<LtxObject> raw =
        catalog.level(0).stream().filter(o -> o.name().equals(LtxName.raw(txid))).findFirst();
    if (raw.isEmpty() || snapshot.walOffset() == 0) {
      return false;
    }
    FileInfo last = headers.read(raw.get()).info();
    return snapshot.walSalt1() == last.walSalt1()
        && snapshot.walSalt2() == last.walSalt2()
        && snapshot.walOffset() + snapshot.walSize() == last.walOffset() + last.walSize();
  }
}

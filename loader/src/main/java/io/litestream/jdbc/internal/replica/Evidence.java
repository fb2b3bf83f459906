package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Whether the lineage of a view is still the one in the store.
 *
 * <p>Nothing in an LTX file links it to its predecessor, and after a reset the files of the new
 * lineage appear under the old names. But a reset removes the old files first. So when a file that
 * a view rests on can still be read, with the same identity, <em>after</em> other files were listed
 * and fetched, those are of the view's lineage.
 *
 * <p>The proof is a read, not a listing: it costs a twelfth, and no stale listing can fake it.
 */
final class Evidence {

  /** What a reset costs once, in requests. */
  private static final int MAX_OTHERS = 32;

  private final ReplicaStore store;
  private final FileTable table;
  private final Duration timeout;

  Evidence(ReplicaStore store, FileTable table, Duration timeout) {
    this.store = store;
    this.table = table;
    this.timeout = timeout;
  }

  /** Whether some file that the view rests on still exists as it was. */
  boolean alive(NativeView view) throws StoreException {
    for (LtxObject object : sample(view)) {
      if (exists(object)) {
        return true;
      }
    }
    return false;
  }

  /** Whether all these objects still exist as they were. */
  boolean allExist(Collection<FileTable.Known> files) throws StoreException {
    for (FileTable.Known file : files) {
      if (!exists(file.object())) {
        return false;
      }
    }
    return true;
  }

  /** Asks by name: a file store reads from its open handle what the directory no longer has. */
  private boolean exists(LtxObject object) throws StoreException {
    try {
      Fetched found = store.probe(object.name(), 1, timeout);
      return found != null
          && found.object().size() == object.size()
          && Objects.equals(found.object().tag(), object.tag());
    } catch (StoreException e) {
      return switch (e.kind()) {
        case NOT_FOUND, CHANGED, DENIED -> false; // a store may hide absence behind 403
        case UNUSABLE, TRANSIENT -> throw e;
      };
    }
  }

  /**
   * The newest file of each level, the highest level first: those live longest. Then others, since
   * one that was uploaded anew proves nothing.
   */
  private List<LtxObject> sample(NativeView view) {
    Map<Integer, LtxObject> newest = new TreeMap<>(Comparator.reverseOrder());
    List<LtxObject> others = new ArrayList<>();
    for (long id : view.files()) {
      LtxObject object = table.object(id);
      if (object != null && newest.putIfAbsent(object.name().level(), object) != null) {
        others.add(object);
      }
    }
    List<LtxObject> sample = new ArrayList<>(newest.values());
    sample.addAll(others.subList(0, Math.min(others.size(), MAX_OTHERS)));
    return sample;
  }
}

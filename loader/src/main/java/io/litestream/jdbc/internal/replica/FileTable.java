package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of the current lineage that are open, and what each native file id stands for.
 *
 * <p>Invariant: all files that {@link #find} gives belong to one lineage. Files enter by {@link
 * #keep} only after there was evidence for that, and {@link #forget} empties the table where the
 * evidence is lost.
 *
 * <p>Thread-safe. The table owns one reference to each native file that it holds; {@link #find}
 * lends it, and a lent file stays open while the borrower holds a {@link Lease}.
 */
final class FileTable {

  /** An open file: the object with its exact identity, and its native side. */
  record Known(LtxObject object, NativeFile file, FileInfo info) {}

  /** Keeps lent files open until the view that needs them is built. Close it exactly once. */
  interface Lease extends AutoCloseable {
    @Override
    void close();
  }

  private final Map<LtxName, Known> known = new HashMap<>();
  private final Timeline timeline = new Timeline();
  private final Map<Long, LtxObject> objects = new HashMap<>();
  private final List<NativeFile> dropped = new ArrayList<>();
  private long lastId;
  private int leases;

  /** A new id, which from now on stands for the object, until C says that nothing uses it. */
  synchronized long register(LtxObject object) {
    objects.put(++lastId, object);
    return lastId;
  }

  /** The object behind a native file id, or null. */
  synchronized @Nullable LtxObject object(long fileId) {
    return objects.get(fileId);
  }

  /** The open file with this id, or null. */
  synchronized @Nullable Known byId(long fileId) {
    LtxObject object = objects.get(fileId);
    Known k = object == null ? null : known.get(object.name());
    return k != null && k.info().fileId() == fileId ? k : null;
  }

  /**
   * The open file with this identity; where the listing gives no tag, the one with this name and
   * size.
   */
  synchronized @Nullable Known find(LtxObject listed) {
    Known k = known.get(listed.name());
    boolean same =
        k != null
            && k.object().size() == listed.size()
            && (listed.tag() == null || listed.tag().equals(k.object().tag()));
    return same ? k : null;
  }

  /** Takes over files that were shown to belong to the current lineage. */
  synchronized void keep(Collection<Known> files) {
    for (Known k : files) {
      timeline.add(k.info());
      Known old = known.put(k.object().name(), k);
      if (old != null && old.file() != k.file()) {
        dropped.add(old.file());
      }
    }
    closeDropped();
  }

  /** When the states were synced that files which were kept since the lineage began have led to. */
  Timeline timeline() {
    return timeline;
  }

  /** Keeps all files open until the lease is closed. */
  synchronized Lease lease() {
    leases++;
    return this::endLease;
  }

  private synchronized void endLease() {
    leases--;
    closeDropped();
  }

  /** Closes files that were never kept. */
  synchronized void discard(Collection<Known> files) {
    files.forEach(k -> dropped.add(k.file()));
    closeDropped();
  }

  /** Drops all files but those whose ids are given. */
  synchronized void retain(Set<Long> fileIds) {
    for (Iterator<Known> i = known.values().iterator(); i.hasNext(); ) {
      Known k = i.next();
      if (!fileIds.contains(k.info().fileId())) {
        dropped.add(k.file());
        i.remove();
      }
    }
    closeDropped();
  }

  /** Drops all files: what is known of them is no evidence for what is in the store now. */
  synchronized void forget() {
    timeline.clear();
    retain(Set.of());
  }

  private void closeDropped() {
    if (leases == 0) {
      dropped.forEach(NativeFile::close);
      dropped.clear();
    }
  }

  /** Forgets the ids of files that C has freed. */
  void reap(NativeDb db, ReplicaStore store) {
    for (long id : db.reap()) {
      LtxObject object;
      synchronized (this) {
        object = objects.remove(id);
      }
      if (object != null) {
        store.release(object);
      }
    }
  }
}

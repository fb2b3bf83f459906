package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.replica.FileTable.Known;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a view of a plan: opens what is not open yet, demands evidence, and only then lets C merge.
 */
final class Assembler {

  /** Asked once the files are fetched: whether they and those of the table are of one lineage. */
  @FunctionalInterface
  interface LineageCheck {
    boolean holds(List<Known> opened) throws StoreException;
  }

  private final NativeDb db;
  private final FileTable table;
  private final FileOpener opener;

  Assembler(NativeDb db, FileTable table, FileOpener opener) {
    this.db = db;
    this.table = table;
    this.opener = opener;
  }

  /**
   * The view of a plan. It is the caller's.
   *
   * @throws ReplicaException VANISHED when a file is gone, LINEAGE when the check fails, DAMAGED
   */
  NativeView build(Plan plan, LineageCheck check) throws StoreException, ReplicaException {
    try (FileTable.Lease lease = table.lease()) {
      List<NativeFile> files = open(plan.files(), check).stream().map(Known::file).toList();
      return db.build(files);
    } catch (NativeException e) {
      throw new ReplicaException(ReplicaException.Kind.DAMAGED, e.getMessage(), e);
    }
  }

  /** The files, in the order asked for; kept in the table. The caller holds a lease. */
  List<Known> open(List<LtxObject> objects, LineageCheck check)
      throws StoreException, ReplicaException {
    Map<LtxObject, Known> files = new HashMap<>();
    List<LtxObject> missing = new ArrayList<>();
    for (LtxObject object : objects) {
      Known known = table.find(object);
      if (known == null) {
        missing.add(object);
      } else {
        files.put(object, known);
      }
    }
    List<Known> opened = opener.open(missing);
    boolean kept = false;
    try {
      if (!check.holds(opened)) {
        throw new ReplicaException(
            ReplicaException.Kind.LINEAGE, "the files that were known are gone", null);
      }
      table.keep(opened);
      kept = true;
    } finally {
      if (!kept) {
        table.discard(opened);
      }
    }
    for (int i = 0; i < missing.size(); i++) {
      files.put(missing.get(i), opened.get(i));
    }
    return objects.stream().map(files::get).toList();
  }
}

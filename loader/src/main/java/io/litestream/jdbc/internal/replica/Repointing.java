package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import java.util.ArrayList;
import java.util.List;

/** Moving pages from files that retention will delete to the compacted files that outlive them. */
final class Repointing {

  private Repointing() {}

  /**
   * The files of levels 1-8 that hold what a state still takes from lower levels.
   *
   * @param txid the state's
   * @param used the files that it rests on
   */
  static List<LtxObject> files(Catalog catalog, long txid, List<LtxObject> used) {
    List<LtxObject> files = new ArrayList<>();
    for (int level = 1; level < LtxName.SNAPSHOT_LEVEL; level++) {
      for (LtxObject file : catalog.level(level)) {
        if (file.name().maxTxid() <= txid && replacesAny(file.name(), used)) {
          files.add(file);
        }
      }
    }
    return files;
  }

  private static boolean replacesAny(LtxName file, List<LtxObject> used) {
    return used.stream()
        .map(LtxObject::name)
        .anyMatch(
            u ->
                u.level() < file.level()
                    && u.maxTxid() >= file.minTxid()
                    && u.maxTxid() <= file.maxTxid());
  }
}

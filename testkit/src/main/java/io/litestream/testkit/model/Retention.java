package io.litestream.testkit.model;

import io.litestream.testkit.ltx.LtxKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What retention or a reset has decided to delete, and not yet deleted. */
final class Retention {

  private final ModelConfig config;
  private final ModelStore store;
  private final Set<LtxKey> doomed = new LinkedHashSet<>();

  Retention(ModelConfig config, ModelStore store) {
    this.config = config;
    this.store = store;
  }

  /**
   * Raw files that level 1 has and that are old enough, up to the first that is not; never the
   * newest.
   */
  boolean raw(long nowMs) {
    long covered = store.reach(1);
    long newest = store.reach(0);
    int before = doomed.size();
    for (StoredObject o : store.level(0)) {
      if (o.modifiedMs() >= nowMs - config.rawRetentionMs()) {
        break;
      }
      if (o.key().maxTxid() <= covered && o.key().maxTxid() != newest) {
        doomed.add(o.key());
      }
    }
    return doomed.size() > before;
  }

  /**
   * Snapshots that are old enough, never the newest; and in the compacted levels what lies below
   * the snapshot before the first that stays, never the last of a level.
   */
  boolean snapshots(long nowMs) {
    int before = doomed.size();
    long newest = store.reach(LtxKey.SNAPSHOTS);
    long floor = 0;
    for (StoredObject o : store.level(LtxKey.SNAPSHOTS)) {
      if (o.modifiedMs() >= nowMs - config.snapshotRetentionMs() || o.key().maxTxid() == newest) {
        break;
      }
      doomed.add(o.key());
      floor = o.key().maxTxid();
    }
    for (int level = 1; level <= config.compactionLevels(); level++) {
      for (StoredObject o : store.level(level)) {
        if (o.key().maxTxid() < floor && o.key().maxTxid() != store.reach(level)) {
          doomed.add(o.key());
        }
      }
    }
    return doomed.size() > before;
  }

  /** Everything there is, in any order. */
  void everything(Random random) {
    List<LtxKey> keys = new ArrayList<>(store.list().stream().map(StoredObject::key).toList());
    Collections.shuffle(keys, random);
    doomed.clear();
    doomed.addAll(keys);
  }

  /** Deletes one object; false when there is none to delete. */
  boolean delete() {
    for (Iterator<LtxKey> i = doomed.iterator(); i.hasNext(); ) {
      LtxKey key = i.next();
      i.remove();
      if (store.remove(key)) {
        return true;
      }
    }
    return false;
  }
}

package io.litestream.testkit.model;

import io.litestream.testkit.ltx.LtxKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The objects of a replica at this moment. Not thread-safe; listings are copies. */
public final class ModelStore {

  private final NavigableMap<LtxKey, StoredObject> objects = new TreeMap<>();
  private long changes;

  ModelStore() {}

  /**
   * The objects of a level whose keys sort after {@code after}, ascending; null for all of the
   * level.
   */
  public List<StoredObject> list(int level, @Nullable LtxKey after) {
    LtxKey from = after == null ? new LtxKey(level, 0, 0) : after;
    return new ArrayList<>(view(level, from).values());
  }

  /** All objects, ascending by key. */
  public List<StoredObject> list() {
    return new ArrayList<>(objects.values());
  }

  public @Nullable StoredObject get(LtxKey key) {
    return objects.get(key);
  }

  public int size() {
    return objects.size();
  }

  /** Counts uploads and deletions. */
  public long changes() {
    return changes;
  }

  /** The objects of a level, not copied. */
  Collection<StoredObject> level(int level) {
    return view(level, new LtxKey(level, 0, 0)).values();
  }

  /** The last TXID that a level reaches; 0 when it is empty. */
  long reach(int level) {
    var last = objects.lowerEntry(new LtxKey(level + 1, 0, 0));
    return last == null || last.getKey().level() != level ? 0 : last.getKey().maxTxid();
  }

  void put(StoredObject object) {
    objects.put(object.key(), object);
    changes++;
  }

  boolean remove(LtxKey key) {
    boolean existed = objects.remove(key) != null;
    changes += existed ? 1 : 0;
    return existed;
  }

  private NavigableMap<LtxKey, StoredObject> view(int level, LtxKey after) {
    return objects.subMap(after, false, new LtxKey(level + 1, 0, 0), false);
  }
}

package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.model.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The model's store as one process sees it: with faults, as S3 or as a directory. */
final class SimStore implements ReplicaStore {

  /** What kind of place it is. */
  enum Mode {
    /** Listings give tags, and may be out of date. */
    S3,
    /** As S3, and an object that does not exist is denied, not missing, to a probe. */
    S3_DENIES_PROBES,
    /** Listings give no tags; a file that was read stays open, and readable, until released. */
    FILES
  }

  private static final int HEADER = 128;

  private final Surroundings around;
  private final Mode mode;
  private final Map<String, StoredObject> open = new HashMap<>();
  private final Set<StoredObject> ahead = new LinkedHashSet<>();
  private long staleListings;
  private @Nullable StoredObject lastRead;

  SimStore(Surroundings around, Mode mode) {
    this.around = around;
    this.mode = mode;
  }

  long staleListings() {
    return staleListings;
  }

  /** The object that the last successful read came from. */
  @Nullable StoredObject lastRead() {
    return lastRead;
  }

  /** Snapshots that are ahead of their names and of which more than the header was read. */
  Set<StoredObject> ahead() {
    return ahead;
  }

  @Override
  public String describe() {
    return "sim://" + mode;
  }

  @Override
  public String describe(LtxName name) {
    return describe() + "/" + name.level() + "/" + name.fileName();
  }

  @Override
  public List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    around.betweenCalls();
    failSometimes("level " + level);
    List<StoredObject> found;
    if (mode != Mode.FILES && around.fault(2)) {
      staleListings++;
      found = around.staleVersion();
    } else {
      found = around.primary.store().list(level, after == null ? null : key(after));
    }
    List<LtxObject> listed = new ArrayList<>(found.size());
    for (StoredObject o : found) {
      if (o.key().level() == level && (after == null || o.key().compareTo(key(after)) > 0)) {
        Instant modified = Instant.ofEpochMilli(o.modifiedMs());
        listed.add(
            new LtxObject(
                name(o.key()), o.bytes().length, mode == Mode.FILES ? null : o.tag(), modified));
      }
    }
    return listed;
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    around.betweenCalls();
    failSometimes(describe(object.name()));
    StoredObject o = open.get(identity(object));
    if (o == null) {
      o = around.primary.store().get(key(object.name()));
    }
    if (o == null) {
      throw new StoreException(Kind.NOT_FOUND, describe(object.name()) + " does not exist", null);
    }
    if (o.bytes().length != object.size()
        || (object.tag() != null && !o.tag().equals(object.tag()))) {
      throw new StoreException(Kind.CHANGED, describe(object.name()) + " has changed", null);
    }
    return fetched(o, offset, length);
  }

  @Override
  public @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException {
    around.betweenCalls();
    failSometimes(describe(name));
    StoredObject o = around.primary.store().get(key(name));
    if (o != null && mode != Mode.FILES && around.recent(o) && around.fault(4)) {
      o = null;
    }
    if (o == null && mode == Mode.S3_DENIES_PROBES) {
      throw new StoreException(Kind.DENIED, describe(name) + ": no permission", null);
    }
    return o == null ? null : fetched(o, 0, length);
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    return read(object, Math.max(0, object.size() - length), length, timeout);
  }

  private Fetched fetched(StoredObject o, long offset, int length) {
    lastRead = o;
    if (o.aheadOfName() && length > HEADER) {
      ahead.add(o);
    }
    byte[] all = o.bytes();
    int from = (int) Math.min(offset, all.length);
    byte[] bytes = Arrays.copyOfRange(all, from, Math.min(all.length, from + length));
    LtxObject object = new LtxObject(name(o.key()), all.length, o.tag(), null);
    if (mode == Mode.FILES) {
      open.put(identity(object), o);
    }
    return new Fetched(object, offset, bytes);
  }

  private void failSometimes(String what) throws StoreException {
    if (around.fault(2)) {
      throw new StoreException(Kind.TRANSIENT, what + ": 503, or a short body", null);
    }
  }

  @Override
  public boolean listsTags() {
    return mode != Mode.FILES;
  }

  @Override
  public void release(LtxObject object) {
    open.remove(identity(object));
  }

  @Override
  public void close() {
    open.clear();
  }

  private static String identity(LtxObject object) {
    return object.name() + " " + object.size() + " " + object.tag();
  }

  private static LtxKey key(LtxName name) {
    return new LtxKey(name.level(), name.minTxid(), name.maxTxid());
  }

  private static LtxName name(LtxKey key) {
    return new LtxName(key.level(), key.minTxid(), key.maxTxid());
  }
}

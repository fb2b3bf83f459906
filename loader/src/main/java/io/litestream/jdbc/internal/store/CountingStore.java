package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts the requests that reach the stores of this process, retries included. Thread-safe. */
public final class CountingStore implements ReplicaStore {

  private static final LongAdder LISTS = new LongAdder();
  private static final LongAdder READS = new LongAdder();
  private static final LongAdder PROBES = new LongAdder();
  private static final LongAdder BYTES = new LongAdder();

  private final ReplicaStore store;

  /**
   * @param store becomes this one's
   */
  public CountingStore(ReplicaStore store) {
    this.store = store;
  }

  /** What all stores of the process were asked so far. */
  public static StoreRequests total() {
    return new StoreRequests(LISTS.sum(), READS.sum(), PROBES.sum(), BYTES.sum());
  }

  @Override
  public String describe() {
    return store.describe();
  }

  @Override
  public String describe(LtxName name) {
    return store.describe(name);
  }

  @Override
  public List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    LISTS.increment();
    return store.list(level, after, timeout);
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    READS.increment();
    return counted(store.read(object, offset, length, timeout));
  }

  @Override
  public @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException {
    PROBES.increment();
    Fetched found = store.probe(name, length, timeout);
    return found == null ? null : counted(found);
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    READS.increment();
    return counted(store.readTail(object, length, timeout));
  }

  private static Fetched counted(Fetched fetched) {
    BYTES.add(fetched.bytes().length);
    return fetched;
  }

  @Override
  public boolean listsTags() {
    return store.listsTags();
  }

  @Override
  public void release(LtxObject object) {
    store.release(object);
  }

  @Override
  public void close() {
    store.close();
  }
}

package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Passes everything on to another store. For stores that change some of it. */
abstract class ForwardingStore implements ReplicaStore {

  private final ReplicaStore store;

  /**
   * @param store becomes this one's
   */
  ForwardingStore(ReplicaStore store) {
    this.store = store;
  }

  /** Throws what a request on another thread threw, as what it is. */
  static StoreException rethrown(@Nullable Throwable thrown) throws StoreException {
    if (thrown instanceof StoreException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    throw thrown instanceof RuntimeException e ? e : new IllegalStateException(thrown);
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
    return store.list(level, after, timeout);
  }

  @Override
  public ListPage listPage(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return store.listPage(level, after, timeout);
  }

  @Override
  public List<List<LtxObject>> listFrom(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return store.listFrom(level, after, timeout);
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    return store.read(object, offset, length, timeout);
  }

  @Override
  public @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException {
    return store.probe(name, length, timeout);
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    return store.readTail(object, length, timeout);
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

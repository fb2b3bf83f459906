package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Begins to list all levels as soon as it is made. Who first asks for the begin of a level gets
 * what that brought; everybody else asks the store.
 *
 * <p>The first open in a process takes as long to load classes and native code as to wait for the
 * store: so it does both at once.
 */
public final class EarlyListing extends ForwardingStore {

  private final AtomicReferenceArray<@Nullable FutureTask<ListPage>> pages =
      new AtomicReferenceArray<>(LtxName.LEVELS);

  /**
   * @param store becomes this one's
   * @param threads where the requests wait; all levels do so at once, begun in ascending order
   * @param timeout of each
   */
  public EarlyListing(ReplicaStore store, Executor threads, Duration timeout) {
    super(store);
    for (int level = 0; level < LtxName.LEVELS; level++) {
      int l = level;
      FutureTask<ListPage> page = new FutureTask<>(() -> store.listPage(l, null, timeout));
      pages.set(level, page);
      threads.execute(page);
    }
  }

  @Override
  public ListPage listPage(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    FutureTask<ListPage> early = after == null ? pages.getAndSet(level, null) : null;
    return early == null ? super.listPage(level, after, timeout) : result(early, level, timeout);
  }

  private ListPage result(FutureTask<ListPage> page, int level, Duration timeout)
      throws StoreException {
    try {
      return page.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (TimeoutException e) {
      throw transientFailure(level, "no answer within " + timeout.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw transientFailure(level, "the thread that asked was interrupted", e);
    }
  }

  private StoreException transientFailure(int level, String why, Exception e) {
    return new StoreException(
        StoreException.Kind.TRANSIENT, describe() + ", level " + level + ": " + why, e);
  }
}

package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.internal.obs.Outcome;
import io.litestream.jdbc.internal.obs.Recorder;
import io.litestream.jdbc.internal.obs.RequestCounters;
import io.litestream.jdbc.internal.obs.RequestKind;
import io.litestream.jdbc.internal.obs.Span;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts and records the requests that reach the stores of this process, retries included.
 * Thread-safe.
 */
public final class CountingStore extends ForwardingStore {

  private interface Request<T> {
    T send() throws StoreException;
  }

  private static final RequestCounters COUNTERS = new RequestCounters();

  /**
   * @param store becomes this one's
   */
  public CountingStore(ReplicaStore store) {
    super(store);
  }

  /** What all stores of the process were asked so far. */
  public static StoreRequests total() {
    return new StoreRequests(
        COUNTERS.total(RequestKind.LIST),
        COUNTERS.total(RequestKind.READ),
        COUNTERS.total(RequestKind.PROBE),
        COUNTERS.total(RequestKind.HEDGE),
        COUNTERS.bytes());
  }

  /** The same in detail. */
  public static RequestCounters counters() {
    return COUNTERS;
  }

  @Override
  public List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return listed("level " + level, () -> super.list(level, after, timeout), List::size);
  }

  @Override
  public ListPage listPage(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return listed(
        "level " + level, () -> super.listPage(level, after, timeout), page -> page.files().size());
  }

  @Override
  public List<List<LtxObject>> listFrom(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return listed(
        "levels from " + level,
        () -> super.listFrom(level, after, timeout),
        levels -> levels.stream().mapToLong(List::size).sum());
  }

  private <T> T listed(String what, Request<T> request, ToLongFunction<T> files)
      throws StoreException {
    Span span = Recorder.RECORDER.request(RequestKind.LIST, describe(), what, 0, 0);
    return counted(RequestKind.LIST, span, request, files, l -> 0);
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    return counted(
        RequestKind.READ,
        object.name(),
        offset,
        length,
        () -> super.read(object, offset, length, timeout),
        CountingStore::received);
  }

  /** {@link #read}, a second time. */
  Fetched hedge(LtxObject object, long offset, int length, Duration timeout) throws StoreException {
    return counted(
        RequestKind.HEDGE,
        object.name(),
        offset,
        length,
        () -> super.read(object, offset, length, timeout),
        CountingStore::received);
  }

  @Override
  public @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException {
    return counted(
            RequestKind.PROBE,
            name,
            0,
            length,
            () -> Optional.ofNullable(super.probe(name, length, timeout)),
            found -> found.map(CountingStore::received).orElse(0L))
        .orElse(null);
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    return counted(
        RequestKind.READ,
        object.name(),
        Math.max(0, object.size() - length),
        length,
        () -> super.readTail(object, length, timeout),
        CountingStore::received);
  }

  private <T> T counted(
      RequestKind kind,
      LtxName name,
      long offset,
      int length,
      Request<T> request,
      ToLongFunction<T> received)
      throws StoreException {
    Span span = Recorder.RECORDER.request(kind, describe(), name, offset, length);
    return counted(kind, span, request, received, received);
  }

  private static <T> T counted(
      RequestKind kind,
      Span span,
      Request<T> request,
      ToLongFunction<T> recorded,
      ToLongFunction<T> bytes)
      throws StoreException {
    try {
      T answer = request.send();
      COUNTERS.add(kind, Outcome.OK, bytes.applyAsLong(answer));
      span.end(Outcome.OK, recorded.applyAsLong(answer));
      return answer;
    } catch (StoreException | RuntimeException | Error e) {
      String outcome = Outcome.of(e);
      COUNTERS.add(kind, outcome, 0);
      span.end(outcome, 0);
      throw e;
    }
  }

  private static long received(Fetched fetched) {
    return fetched.bytes().length;
  }
}

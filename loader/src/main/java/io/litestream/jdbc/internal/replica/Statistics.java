package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.LitestreamStats;
import io.litestream.jdbc.LitestreamStats.OpenReplica;
import io.litestream.jdbc.LitestreamStats.PageCache;
import io.litestream.jdbc.LitestreamStats.Requests;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeStats;
import io.litestream.jdbc.internal.obs.RequestCounters;
import io.litestream.jdbc.internal.store.CountingStore;
import java.util.List;

/** Puts together what the C core and the stores have counted. */
final class Statistics {

  private static final PageCache UNUSED = new PageCache(0, 0, 0, 0, 0, 0);

  private Statistics() {}

  /**
   * @param coreInUse false before the first replica is opened, when the C core has no cache yet
   */
  static LitestreamStats of(List<OpenReplica> replicas, boolean coreInUse) {
    RequestCounters counters = CountingStore.counters();
    List<Requests> requests =
        counters.counts().stream()
            .map(c -> new Requests(c.kind().text(), c.outcome(), c.number()))
            .toList();
    return new LitestreamStats(coreInUse ? cache() : UNUSED, requests, counters.bytes(), replicas);
  }

  private static PageCache cache() {
    NativeStats stats = NativeCore.stats();
    return new PageCache(
        stats.hits(),
        stats.misses(),
        stats.cacheBytes(),
        stats.cacheLimit(),
        stats.indexBytes(),
        stats.wastedBytes());
  }
}

package io.litestream.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the replicas of this process have done so far, and where they stand.
 *
 * @param cache the page cache that all replicas share
 * @param requests what the stores were asked, retries included: every kind with every outcome,
 *     zeros too, always in the same order
 * @param receivedBytes of objects
 * @param replicas those open now, in no particular order
 */
public record LitestreamStats(
    PageCache cache, List<Requests> requests, long receivedBytes, List<OpenReplica> replicas) {

  public LitestreamStats {
    requests = List.copyOf(requests);
    replicas = List.copyOf(replicas);
  }

  /**
   * The page cache.
   *
   * @param hits page look-ups that found the page
   * @param misses page look-ups that did not
   * @param bytes held, with their bookkeeping
   * @param limit the budget ({@code cache_bytes})
   * @param indexBytes held besides: page indexes and page maps
   * @param wastedBytes received beside the pages that were asked for, and not kept, or evicted
   *     before they were read: what read-ahead and streaming cost in vain
   */
  public record PageCache(
      long hits, long misses, long bytes, long limit, long indexBytes, long wastedBytes) {}

  /**
   * Requests of one kind that ended in one way.
   *
   * @param kind {@code list}, {@code read}, {@code hedge} or {@code probe}, as in {@link
   *     StoreRequests}
   * @param outcome {@code ok}, {@code not_found}, {@code changed}, {@code denied}, {@code
   *     unusable}, {@code transient} or {@code failed}
   */
  public record Requests(String kind, String outcome, long count) {}

  /**
   * A replica that is open in this process.
   *
   * @param place where it is, without secrets
   * @param connections that use it now; one without is kept for a minute
   * @param txid of the newest state known: 16 hex digits; null before the first
   * @param commitTime of that state; null before the first
   * @param lag from that commit until now, never negative: what the primary did within it may be
   *     missing. Null before the first
   * @param sinceLook since the last successful look at the store; null before the first
   */
  public record OpenReplica(
      String place,
      int connections,
      @Nullable String txid,
      @Nullable Instant commitTime,
      @Nullable Duration lag,
      @Nullable Duration sinceLook) {}
}

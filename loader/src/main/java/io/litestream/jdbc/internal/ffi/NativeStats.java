package io.litestream.jdbc.internal.ffi;

/**
 * Figures of the C core ({@code ls_stats}), over all replicas of the process.
 *
 * @param dbs alive now, as {@code files}, {@code views} and {@code readers}: all zero when
 *     everything is closed
 * @param cacheBytes page bytes held with their bookkeeping
 * @param hits page look-ups found in the cache
 * @param fetches fetch upcalls
 * @param indexBytes page indexes of files and page maps of views
 * @param wastedBytes of objects: what came beside the pages that were asked for, and was not kept,
 *     or was evicted before it was read
 */
public record NativeStats(
    long dbs,
    long files,
    long views,
    long readers,
    long cacheBytes,
    long cacheLimit,
    long hits,
    long misses,
    long fetches,
    long fetchedBytes,
    long indexBytes,
    long wastedBytes) {}

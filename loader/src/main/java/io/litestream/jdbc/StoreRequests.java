package io.litestream.jdbc;

/**
 * What the replicas of this process have asked their stores for, retries included.
 *
 * @param lists listings of a level; a level of more than 1,000 files takes a request for each
 *     further 1,000
 * @param reads ranges of objects
 * @param probes questions for the next level-0 file by its name; most find nothing, which is the
 *     answer
 * @param hedges second requests for ranges whose answers were late
 * @param bytes of objects that were received
 */
public record StoreRequests(long lists, long reads, long probes, long hedges, long bytes) {

  /** All requests. */
  public long requests() {
    return lists + reads + probes + hedges;
  }

  /** What came after an earlier reading. */
  public StoreRequests since(StoreRequests earlier) {
    return new StoreRequests(
        lists - earlier.lists,
        reads - earlier.reads,
        probes - earlier.probes,
        hedges - earlier.hedges,
        bytes - earlier.bytes);
  }
}

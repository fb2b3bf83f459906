package io.litestream.jdbc.store;

/**
 * A replica in a store of the application's own, or in one of this library's with a client of the
 * application's own (see {@code io.litestream.jdbc.s3.S3Replica}).
 *
 * <p>Connections with equal sources share one replica: its cache, its follower, one open store.
 * Implementations are thread-safe.
 */
@FunctionalInterface
public interface ReplicaSource {

  /**
   * A store, which the caller closes when its last connection is gone. Makes no request. Called
   * again when the replica is used anew after that.
   *
   * @throws IllegalArgumentException when the source is misconfigured; the text is shown to the
   *     user
   */
  ReplicaStore open();
}

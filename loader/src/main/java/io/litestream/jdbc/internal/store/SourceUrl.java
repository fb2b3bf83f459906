package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.ReplicaSource;

/**
 * A replica in a store that the application gives.
 *
 * @param source equal sources are one replica
 */
public record SourceUrl(ReplicaSource source) implements ReplicaUrl {

  @Override
  public String describe() {
    return "a store of " + source.getClass().getName();
  }

  @Override
  public String toString() {
    return describe();
  }
}

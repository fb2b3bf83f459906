package io.litestream.jdbc.conformance;

import io.litestream.jdbc.internal.ffi.NativeCore;

/** Keeps the page cache, which all replicas of the process share, tiny until it is closed. */
final class SmallCache implements AutoCloseable {

  private final long limit = NativeCore.stats().cacheLimit();

  String parameter() {
    return "cache_bytes=65536";
  }

  @Override
  public void close() {
    NativeCore.cacheLimit(limit);
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The files whose header timestamp lies strictly before an instant.
 *
 * <p>Within a level timestamps ascend, so the boundary is searched for. The listing's times (upload
 * time or mtime, off by upload delay, clock skew, one-second steps or a copy) only say where to
 * start: what counts is the header.
 */
final class TimeSearch {

  private final Headers headers;
  private final World world;

  TimeSearch(Headers headers, World world) {
    this.headers = headers;
    this.world = world;
  }

  /**
   * The catalog as it looked to a plan just before {@code instant}: each level cut at the boundary.
   */
  Catalog before(Catalog catalog, Instant instant) throws StoreException, ReplicaException {
    List<World.StoreCall<List<LtxObject>>> calls = new ArrayList<>();
    for (List<LtxObject> level : catalog.levels()) {
      calls.add(() -> level.subList(0, boundary(level, instant)));
    }
    return new Catalog(world.all(calls));
  }

  /**
   * How many files of the level lie before the instant: a gallop from the listing's guess, then a
   * bisection.
   */
  private int boundary(List<LtxObject> level, Instant instant)
      throws StoreException, ReplicaException {
    int low = 0; // all files below are before
    int high = level.size(); // all files from here on are not
    int guess = guess(level, instant);
    for (int step = 1; guess > low && !before(level, guess - 1, instant); step *= 2) {
      high = guess - 1;
      guess = Math.max(low, high - step);
    }
    low = guess;
    for (int step = 1; low < high; step *= 2) {
      int probe = Math.min(low + step, high) - 1;
      if (!before(level, probe, instant)) {
        high = probe;
        break;
      }
      low = probe + 1;
    }
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (before(level, middle, instant)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int guess(List<LtxObject> level, Instant instant) {
    int n = 0;
    while (n < level.size()) {
      Instant modified = level.get(n).modified();
      if (modified == null || !modified.isBefore(instant)) {
        break;
      }
      n++;
    }
    return n;
  }

  private boolean before(List<LtxObject> level, int i, Instant instant)
      throws StoreException, ReplicaException {
    return headers.read(level.get(i)).info().timestamp().isBefore(instant);
  }
}

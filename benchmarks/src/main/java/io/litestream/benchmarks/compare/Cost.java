package io.litestream.benchmarks.compare;

import io.litestream.testkit.server.Request.Kind;
import io.litestream.testkit.server.Traffic;
import java.util.Locale;

/**
 * What an operation cost.
 *
 * @param bytes of objects
 * @param depth the longest chain of requests that waited for each other
 */
record Cost(String operation, long gets, long lists, long heads, long bytes, int depth, double ms) {

  static Cost of(String operation, Traffic traffic, int depth, long nanos) {
    return new Cost(
        operation,
        traffic.count(Kind.GET),
        traffic.count(Kind.LIST),
        traffic.count(Kind.HEAD),
        traffic.toClient(),
        depth,
        nanos / 1e6);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-22s %6d GET %5d LIST %5d HEAD %9.3f MB  D %5d %10.1f ms",
        operation,
        gets,
        lists,
        heads,
        bytes / 1e6,
        depth,
        ms);
  }
}

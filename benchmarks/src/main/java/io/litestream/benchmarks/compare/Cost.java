package io.litestream.benchmarks.compare;

import io.litestream.testkit.server.Request.Kind;
import io.litestream.testkit.server.S3Stub;
import io.litestream.testkit.server.StubRequest;
import java.util.Locale;

/**
 * What an operation cost.
 *
 * @param contender who did it
 * @param gets requests for objects that found one
 * @param polls requests for objects that were not there, or for a byte of one: whether there is
 *     news
 * @param bytes of objects
 * @param depth the longest chain of requests that waited for each other
 * @param delayMs added to each request
 * @param ms how long it took
 */
record Cost(
    String contender,
    String operation,
    double gets,
    double lists,
    double heads,
    double polls,
    double bytes,
    int depth,
    long delayMs,
    double ms) {

  private static final String MARK = "COST";

  static Cost of(String contender, String operation, S3Stub stub, long delayMs, long nanos) {
    double gets = 0;
    double lists = 0;
    double heads = 0;
    double polls = 0;
    double bytes = 0;
    for (StubRequest request : stub.requests()) {
      boolean poll = request.status() == 404 || request.bytes() <= 1;
      gets += request.kind() == Kind.GET && !poll ? 1 : 0;
      polls += request.kind() == Kind.GET && poll ? 1 : 0;
      lists += request.kind() == Kind.LIST ? 1 : 0;
      heads += request.kind() == Kind.HEAD ? 1 : 0;
      bytes += request.bytes();
    }
    return new Cost(
        contender, operation, gets, lists, heads, polls, bytes, stub.depth(), delayMs, nanos / 1e6);
  }

  /** A time without requests. */
  static Cost time(String contender, String operation, double ms) {
    return new Cost(contender, operation, 0, 0, 0, 0, 0, 0, 0, ms);
  }

  /** An operation, or a part with several, that did not end well. */
  static Cost failure(String contender, String operation, long delayMs) {
    return new Cost(contender, operation, 0, 0, 0, 0, 0, 0, delayMs, Double.NaN);
  }

  /** The same for one of several. */
  Cost per(double count) {
    return new Cost(
        contender,
        operation,
        gets / count,
        lists / count,
        heads / count,
        polls / count,
        bytes / count,
        depth,
        delayMs,
        ms / count);
  }

  double requests() {
    return gets + lists + heads + polls;
  }

  /** One line, for another process. */
  String line() {
    return String.join(
        "\t",
        MARK,
        contender,
        operation,
        "" + gets,
        "" + lists,
        "" + heads,
        "" + polls,
        "" + bytes,
        "" + depth,
        "" + delayMs,
        "" + ms);
  }

  static boolean isLine(String line) {
    return line.startsWith(MARK + "\t");
  }

  static Cost parse(String line) {
    String[] f = line.split("\t", -1);
    return new Cost(
        f[1],
        f[2],
        Double.parseDouble(f[3]),
        Double.parseDouble(f[4]),
        Double.parseDouble(f[5]),
        Double.parseDouble(f[6]),
        Double.parseDouble(f[7]),
        Integer.parseInt(f[8]),
        Long.parseLong(f[9]),
        Double.parseDouble(f[10]));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-22s %-28s %7.1f GET %7.1f LIST %7.1f HEAD %6.1f polls %9.3f MB  D %5d %4d ms: %9.3f ms",
        contender,
        operation,
        gets,
        lists,
        heads,
        polls,
        bytes / 1e6,
        depth,
        delayMs,
        ms);
  }
}

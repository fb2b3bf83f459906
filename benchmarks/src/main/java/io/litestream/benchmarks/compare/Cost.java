package io.litestream.benchmarks.compare;

import io.litestream.testkit.server.Answered;
import io.litestream.testkit.server.Meter;
import io.litestream.testkit.server.Request.Kind;
import java.util.Locale;

/**
 * What an operation cost.
 *
 * @param contender who did it
 * @param store who was asked
 * @param warm whether the store had nothing to do with it
 * @param gets requests for objects that found one, without hedges
 * @param hedges second requests for ranges whose answers were late
 * @param polls requests for objects that were not there, or for a byte of one: whether there is
 *     news
 * @param bytes of objects
 * @param depth the longest chain of requests that waited for each other
 * @param delayMs added to each request
 * @param ms how long it took
 */
record Cost(
    String contender,
    String store,
    String operation,
    boolean warm,
    double gets,
    double hedges,
    double lists,
    double heads,
    double polls,
    double bytes,
    int depth,
    long delayMs,
    double ms) {

  static final String START = "JVM start to first row";

  private static final String MARK = "COST";

  /**
   * @param contender the run's, or one beside it
   * @param meter reset when the operation began
   * @param hedges that the contender knows of: on the wire they are GETs like others
   */
  static Cost of(
      Run run, String contender, String operation, Meter meter, long hedges, long nanos) {
    double gets = 0;
    double lists = 0;
    double heads = 0;
    double polls = 0;
    double bytes = 0;
    for (Answered request : meter.requests()) {
      boolean poll = request.status() == 404 || request.bytes() <= 1;
      gets += request.kind() == Kind.GET && !poll ? 1 : 0;
      polls += request.kind() == Kind.GET && poll ? 1 : 0;
      lists += request.kind() == Kind.LIST ? 1 : 0;
      heads += request.kind() == Kind.HEAD ? 1 : 0;
      bytes += request.bytes();
    }
    return new Cost(
        contender,
        run.store(),
        operation,
        false,
        gets - hedges,
        hedges,
        lists,
        heads,
        polls,
        bytes,
        meter.depth(),
        run.delayMs(),
        nanos / 1e6);
  }

  /** From the start of the process; the open's requests stand for themselves. */
  static Cost start(Run run, double ms) {
    return time(run, run.contender(), START, false, ms);
  }

  /** A query on pages that were read before. */
  static Cost warm(Run run, String contender, String operation, double ms) {
    return time(run, contender, operation, true, ms);
  }

  private static Cost time(Run run, String contender, String operation, boolean warm, double ms) {
    return new Cost(
        contender, run.store(), operation, warm, 0, 0, 0, 0, 0, 0, 0, run.delayMs(), ms);
  }

  /** The same for one of several. */
  Cost per(double count) {
    return new Cost(
        contender,
        store,
        operation,
        warm,
        gets / count,
        hedges / count,
        lists / count,
        heads / count,
        polls / count,
        bytes / count,
        depth,
        delayMs,
        ms / count);
  }

  double requests() {
    return gets + hedges + lists + heads + polls;
  }

  /** One line, for another process. */
  String line() {
    return String.join(
        "\t",
        MARK,
        contender,
        store,
        operation,
        "" + warm,
        "" + gets,
        "" + hedges,
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
        f[3],
        Boolean.parseBoolean(f[4]),
        Double.parseDouble(f[5]),
        Double.parseDouble(f[6]),
        Double.parseDouble(f[7]),
        Double.parseDouble(f[8]),
        Double.parseDouble(f[9]),
        Double.parseDouble(f[10]),
        Integer.parseInt(f[11]),
        Long.parseLong(f[12]),
        Double.parseDouble(f[13]));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-22s %-9s %-28s %7.1f GET %3.0f hedges %7.1f LIST %7.1f HEAD %6.1f polls %9.3f MB  D %5d"
            + " %4d ms: %10.4f ms",
        contender,
        store,
        operation,
        gets,
        hedges,
        lists,
        heads,
        polls,
        bytes / 1e6,
        depth,
        delayMs,
        ms);
  }
}

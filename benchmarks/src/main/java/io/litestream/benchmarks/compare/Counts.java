package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.FormulaDatabase;
import io.litestream.testkit.data.FormulaSnapshot;
import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.data.SampleTable;
import io.litestream.testkit.server.S3Stub;
import java.nio.file.Path;

/** Prints this library's requests: the quick look while working on them. */
public final class Counts {

  private Counts() {}

  /**
   * @param args the delay of each request in milliseconds, then parameters for the URL
   */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(System.getProperty("benchmark.data", "target/data"));
    Sample snap = Sample.in(data, SampleTable.SMALL, Shape.SNAP);
    Sample steady = Sample.in(data, SampleTable.SMALL, Shape.STEADY);
    long delayMs = args.length > 0 ? Long.parseLong(args[0]) : 0;
    String parameters = args.length > 1 ? "&" + args[1] : "";
    try (S3Stub stub = S3Stub.start()) {
      Bucket bucket = new Bucket(stub);
      Contender ours = new Ours(stub, "&poll_interval=1h" + parameters);
      ColdCosts costs = new ColdCosts(bucket, "ours", ours, delayMs);
      bucket.serve(snap);
      costs.open("snap");
      costs.second();
      costs.lookups(snap);
      costs.range(snap);
      costs.scattered(snap);
      costs.scan(snap);
      bucket.serve(steady);
      costs.open("steady");
      costs.travel();
      new ColdCosts(bucket, "ours", new Ours(stub, parameters), delayMs).follow(steady);
      if (Boolean.getBoolean("benchmark.log")) {
        stub.requests().forEach(System.err::println);
      }
      Contender patient = new Ours(stub, "&poll_interval=1h&open_timeout=5m" + parameters);
      bucket.serve(FormulaSnapshot.KEY, huge());
      new ColdCosts(bucket, "ours", patient, delayMs).open("100 GB");
    }
  }

  static FormulaSnapshot huge() {
    return FormulaSnapshot.unchecked(FormulaDatabase.ofSize(100_000_000_000L));
  }
}

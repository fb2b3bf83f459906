package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.data.SampleTable;
import io.litestream.testkit.server.S3Stub;
import java.nio.file.Path;
import java.time.Duration;

/** Prints this library's requests: the quick look while working on them. */
public final class Counts {

  private Counts() {}

  /**
   * @param args the delay of each request in milliseconds, and parameters for the URL
   */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(System.getProperty("benchmark.data", "target/data"));
    Sample snap = Sample.in(data, SampleTable.SMALL, Shape.SNAP);
    Sample steady = Sample.in(data, SampleTable.SMALL, Shape.STEADY);
    try (S3Stub stub = S3Stub.start()) {
      stub.delay(Duration.ofMillis(args.length > 0 ? Long.parseLong(args[0]) : 0));
      Contender ours = new Ours(stub, "&poll_interval=1h" + (args.length > 1 ? "&" + args[1] : ""));
      ColdCosts costs = new ColdCosts(stub, ours);
      costs.snap(snap);
      costs.steady(steady);
      if (Boolean.getBoolean("benchmark.log")) {
        stub.requests().forEach(System.err::println);
      }
    }
  }
}

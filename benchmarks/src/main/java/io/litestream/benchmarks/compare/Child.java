package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.FormulaSnapshot;
import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.data.SampleTable;
import io.litestream.testkit.server.S3Stub;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A part of the comparison in a process of its own, as the contenders do not live together in one.
 * Prints a line for each cost.
 */
public final class Child {

  /** Nothing in the background. */
  private static final String QUIET = "&poll_interval=1h&hydration_enabled=false&hedging=false";

  private static final String WARM_BYTES = "&cache_bytes=1500MB";

  private final Bucket bucket;
  private final String name;
  private final Path data;
  private final String library;

  private Child(Bucket bucket, String name, Path data, String library) {
    this.bucket = bucket;
    this.name = name;
    this.data = data;
    this.library = library;
  }

  /**
   * @param args contender, part, delay in milliseconds, port of the stub, directory of the data,
   *     upstream's extension
   */
  public static void main(String[] args) throws Exception {
    try (S3Stub stub = S3Stub.start(Integer.parseInt(args[3]))) {
      Child child = new Child(new Bucket(stub), args[0], Path.of(args[4]), args[5]);
      for (Cost cost : child.run(Part.valueOf(args[1]), Long.parseLong(args[2]))) {
        System.out.println(cost.line());
      }
    }
    System.exit(0); // whatever threads a contender has left
  }

  private List<Cost> run(Part part, long delayMs) throws Exception {
    Sample sample = Sample.in(data, part.table, part.shape);
    bucket.serve(sample);
    if (part == Part.HUGE) {
      bucket.serve(FormulaSnapshot.KEY, Counts.huge());
    }
    bucket.stub().delay(Duration.ofMillis(delayMs));
    return switch (part) {
      case START -> start(delayMs);
      case WARM, WARM_LARGE -> warm(part, sample);
      default -> cold(part, sample, delayMs);
    };
  }

  private List<Cost> cold(Part part, Sample sample, long delayMs) throws SQLException {
    Contender contender = contender(part);
    if (contender instanceof Ours) {
      startSdk();
    }
    ColdCosts costs = new ColdCosts(bucket, name, contender, delayMs);
    switch (part) {
      case SNAP -> {
        costs.open("snap");
        costs.second();
        costs.lookups(sample);
        costs.range(sample);
        costs.scattered(sample);
      }
      case SCAN -> costs.scan(sample);
      case STEADY -> {
        costs.open("steady");
        costs.travel();
      }
      case STEADY_RANDOM -> costs.open("steady, random updates", sample.table().rows() + 1);
      case LIVE -> {
        costs.follow(sample);
        costs.idle();
      }
      case STREAMING -> costs.streaming();
      case LARGE -> costs.open("1 GB");
      case HUGE -> costs.open("100 GB");
      default -> throw new IllegalArgumentException(part.name());
    }
    return costs.costs();
  }

  private Contender contender(Part part) throws SQLException {
    if (!name.equals(Names.OURS)) {
      return new Upstream(library, part == Part.LIVE ? "" : "&poll_interval=1h");
    }
    return new Ours(
        bucket.stub(),
        switch (part) {
          case LIVE -> "";
          case STREAMING -> "&poll_interval=1h&hydration_enabled=true&cache_bytes=256MB";
          case HUGE -> QUIET + "&open_timeout=5m";
          default -> QUIET;
        });
  }

  /** The SDK's start is a row of its own. */
  private void startSdk() {
    try (S3Client sdk = bucket.stub().client()) {
      sdk.listObjectsV2(b -> b.bucket(Bucket.NAME));
    }
  }

  /** From the start of the JVM to the first row. */
  private List<Cost> start(long delayMs) throws SQLException {
    ColdCosts costs = new ColdCosts(bucket, name, contender(Part.START), delayMs);
    costs.open("snap");
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    return List.of(Cost.time(name, "JVM start to first row", System.currentTimeMillis() - started));
  }

  private List<Cost> warm(Part part, Sample sample) throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    if (name.equals(Names.OURS)) {
      contenders.put(Names.OURS, new Ours(bucket.stub(), QUIET + WARM_BYTES));
      contenders.put(Names.LOCAL, LocalFile.rollback(sample));
      contenders.put(Names.LOCAL_WAL, new LocalFile(sample.database()));
    } else {
      contenders.put(name, new Upstream(library, "&poll_interval=1h"));
    }
    WarmTimes times = new WarmTimes(contenders, sample);
    String size = part == Part.WARM ? "96 MB" : "1 GB";
    if (name.equals(Names.OURS)) {
      times.all(size);
    } else if (part == Part.WARM) {
      times.single(size);
    } else {
      times.hot(size); // a request for each page of a scan takes minutes
    }
    return times.costs();
  }

  /** What one process measures, and on which replica. */
  enum Part {
    START(SampleTable.SMALL, Shape.SNAP),
    SNAP(SampleTable.SMALL, Shape.SNAP),
    SCAN(SampleTable.SMALL, Shape.SNAP),
    STEADY(SampleTable.SMALL, Shape.STEADY),
    STEADY_RANDOM(SampleTable.SMALL, Shape.STEADY_RANDOM),
    LIVE(SampleTable.SMALL, Shape.STEADY),
    STREAMING(SampleTable.SMALL, Shape.SNAP),
    LARGE(SampleTable.LARGE, Shape.SNAP),
    HUGE(SampleTable.SMALL, Shape.SNAP),
    WARM(SampleTable.SMALL, Shape.SNAP),
    WARM_LARGE(SampleTable.LARGE, Shape.SNAP);

    private final SampleTable table;
    private final Shape shape;

    Part(SampleTable table, Shape shape) {
      this.table = table;
      this.shape = shape;
    }

    SampleTable table() {
      return table;
    }

    Shape shape() {
      return shape;
    }
  }
}

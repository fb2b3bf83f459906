package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.FormulaSnapshot;
import io.litestream.testkit.data.Sample;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A part of the comparison in a process of its own, as the contenders do not live together in one.
 * Prints a line for each cost as soon as it is known, and one for what it fails of.
 */
public final class Child {

  /** Begins the line about a failure. */
  static final String FAILED = "FAILED\t";

  /** Nothing in the background. */
  private static final String QUIET = "&poll_interval=1h&hydration_enabled=false&hedging=false";

  private static final String HEDGED = "&poll_interval=1h&hydration_enabled=false&hedging=true";
  private static final String WARM_BYTES = "&cache_bytes=1500MB";

  private final Run run;
  private final Store store;
  private final Sample sample;
  private final Path data;
  private final String program;

  private Child(Run run, Store store, Path data, String program) {
    this.run = run;
    this.store = store;
    this.sample = run.part().sample(data);
    this.data = data;
    this.program = program;
  }

  /**
   * @param args contender, part, store, delay in milliseconds, endpoint of MinIO, port that the
   *     contender reads from, directory of the data, file of the contender
   */
  public static void main(String[] args) {
    Run run = new Run(args[0], Part.valueOf(args[1]), args[2], Long.parseLong(args[3]));
    int port = Integer.parseInt(args[5]);
    int status = 0;
    try (Store store = store(run, args[4], port)) {
      new Child(run, store, Path.of(args[6]), args[7]).run();
    } catch (Exception e) {
      e.printStackTrace();
      System.out.println(FAILED + e.toString().replace('\n', ' '));
      status = 1;
    }
    System.exit(status); // whatever threads a contender has left
  }

  private static Store store(Run run, String endpoint, int port) {
    if (run.store().equals(Names.STUB)) {
      return StubStore.start(port);
    }
    // The keys are where every contender looks for them.
    return MinioStore.behindProxy(
        new Endpoint(
            URI.create(endpoint),
            System.getenv("AWS_ACCESS_KEY_ID"),
            System.getenv("AWS_SECRET_ACCESS_KEY")),
        port);
  }

  private void run() throws Exception {
    store.hold(sample);
    if (run.part() == Part.HUGE && store instanceof StubStore stub) {
      stub.hold(sample, FormulaSnapshot.KEY, Counts.huge());
    }
    switch (run.part()) {
      case WARM, WARM_LARGE -> warm();
      case RESTORE -> restores().once("snap");
      case RESTORE_STEADY -> {
        restores().once("steady");
        restores().follow();
      }
      default -> cold();
    }
  }

  private static void print(Cost cost) {
    System.out.println(cost.line());
    System.err.println(cost);
  }

  private Restores restores() {
    return new Restores(Path.of(program), data, run, store, sample, Child::print);
  }

  private void cold() throws SQLException {
    Contender contender = contender();
    if (contender instanceof Ours && run.part() != Part.START) {
      startSdk();
    }
    ColdCosts costs = costs(contender);
    switch (run.part()) {
      case START -> {
        costs.start();
        long started = ManagementFactory.getRuntimeMXBean().getStartTime();
        print(Cost.start(run, System.currentTimeMillis() - started));
      }
      case SNAP -> {
        costs.open("snap");
        costs.second();
        costs.lookups();
        costs.range();
        costs.scattered();
      }
      case SCAN -> costs.scan(contender instanceof Ours);
      case STEADY -> {
        costs.open("steady");
        costs.travel();
      }
      case STEADY_RANDOM -> costs.open("steady, random updates", sample.table().rows() + 1);
      case LIVE -> {
        costs.follow();
        costs.idle();
      }
      case STREAMING -> costs.streaming();
      case HEDGING -> {
        costs.late(", not hedged");
        costs(new Ours(store.server(), HEDGED)).late(", hedged");
      }
      case LARGE -> costs.open("1 GB");
      case HUGE -> costs.open("100 GB");
      default -> throw new IllegalArgumentException(run.toString());
    }
  }

  private ColdCosts costs(Contender contender) {
    return new ColdCosts(run, store, sample, contender, Child::print);
  }

  private Contender contender() throws SQLException {
    Part part = run.part();
    if (!run.contender().equals(Names.OURS)) {
      return new Upstream(program, part == Part.LIVE ? "" : "&poll_interval=1h");
    }
    return new Ours(
        store.server(),
        switch (part) {
          case LIVE -> "";
          case STREAMING -> "&poll_interval=1h&hydration_enabled=true&cache_bytes=256MB";
          case HUGE -> QUIET + "&open_timeout=5m";
          default -> QUIET;
        });
  }

  /** The SDK's start is a row of its own. */
  private void startSdk() {
    try (S3Client sdk = store.server().client()) {
      sdk.listObjectsV2(b -> b.bucket(Store.bucket(sample)).prefix("elsewhere/"));
    }
  }

  private void warm() throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    boolean ours = run.contender().equals(Names.OURS);
    if (ours) {
      contenders.put(Names.OURS, new Ours(store.server(), QUIET + WARM_BYTES));
      contenders.put(Names.LOCAL, LocalFile.rollback(sample));
      contenders.put(Names.LOCAL_WAL, new LocalFile(sample.database()));
    } else {
      contenders.put(run.contender(), contender());
    }
    WarmTimes times = new WarmTimes(run, contenders, sample, Child::print);
    String size = run.part() == Part.WARM ? "96 MB" : "1 GB";
    if (ours) {
      times.all(size);
    } else if (run.part() == Part.WARM) {
      times.single(size);
    } else {
      times.hot(size); // a request for each page of a scan takes minutes
    }
  }
}

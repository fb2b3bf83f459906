package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.FormulaDatabase;
import io.litestream.testkit.data.FormulaSnapshot;
import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.Minio;
import io.litestream.testkit.server.S3Server;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Prints this library's requests: the quick look while working on them. */
public final class Counts {

  private static final Path DATA = Path.of(System.getProperty("benchmark.data", "target/data"));
  private static final Consumer<Cost> PRINT = System.err::println;

  private final long delayMs;
  private final String parameters;

  private Counts(long delayMs, String parameters) {
    this.delayMs = delayMs;
    this.parameters = parameters;
  }

  /**
   * @param args the delay of each request in milliseconds, then parameters for the URL; among them
   *     {@code store=minio} and {@code minio=PROGRAM} as for {@link Compare}
   */
  public static void main(String[] args) throws Exception {
    List<String> own = new ArrayList<>();
    List<String> store = new ArrayList<>(List.of("store=stub"));
    for (String arg : args) {
      (arg.startsWith("store=") || arg.startsWith("minio=") ? store : own).add(arg);
    }
    Options options = Options.parse(store.toArray(String[]::new));
    Counts counts =
        new Counts(
            own.isEmpty() ? 0 : Long.parseLong(own.getFirst()),
            own.size() < 2 ? "" : "&" + own.get(1));
    if (options.stores().equals(List.of(Names.MINIO))) {
      try (S3Server minio = Minio.start(Path.of(options.minio()));
          Store proxy = MinioStore.behindProxy(minio, 0)) {
        MinioStore.fill(minio, Part.SNAP.sample(DATA));
        MinioStore.fill(minio, Part.STEADY.sample(DATA));
        counts.stored(proxy);
      }
    } else {
      try (Store stub = StubStore.start(0)) {
        counts.stored(stub);
      }
    }
    try (StubStore stub = StubStore.start(0)) {
      counts.large(stub);
    }
    try (StubStore stub = StubStore.start(0)) {
      counts.computed(stub);
    }
    System.exit(0); // the SDK's threads
  }

  private ColdCosts costs(Part part, Store store, String more) {
    return new ColdCosts(
        new Run(Names.OURS, part, store.name(), delayMs),
        store,
        part.sample(DATA),
        new Ours(store.server(), more + parameters),
        PRINT);
  }

  private void stored(Store store) throws Exception {
    store.hold(Part.SNAP.sample(DATA));
    ColdCosts snap = costs(Part.SNAP, store, "&poll_interval=1h");
    snap.open("snap");
    snap.second();
    snap.lookups();
    snap.range();
    snap.scattered();
    snap.scan(true);
    store.hold(Part.STEADY.sample(DATA));
    ColdCosts steady = costs(Part.STEADY, store, "&poll_interval=1h");
    steady.open("steady");
    steady.travel();
    costs(Part.LIVE, store, "").follow();
    if (Boolean.getBoolean("benchmark.log")) {
      store.meter().requests().forEach(System.err::println);
    }
  }

  private void large(StubStore stub) throws Exception {
    stub.hold(Part.LARGE.sample(DATA));
    ColdCosts large = costs(Part.LARGE, stub, "&poll_interval=1h");
    large.open("1 GB");
    large.scattered();
  }

  private void computed(StubStore stub) throws Exception {
    Sample place = Part.HUGE.sample(DATA);
    stub.hold(place, FormulaSnapshot.KEY, huge());
    costs(Part.HUGE, stub, "&poll_interval=1h&open_timeout=5m").open("100 GB");
  }

  static FormulaSnapshot huge() {
    return FormulaSnapshot.unchecked(FormulaDatabase.ofSize(100_000_000_000L));
  }
}

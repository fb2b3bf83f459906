package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Queries on pages that were read before, each a transaction of its own. The contenders take turns,
 * so that what else the machine does hits all of them; of each, the median of its turns counts.
 */
final class WarmTimes {

  private static final Duration TURN = Duration.ofMillis(150);
  private static final int WARM_UP = 5;
  private static final int TURNS = 11;
  private static final int SCANS = 7;

  /** Lookups between two looks at the clock. */
  private static final int BLOCK = 50;

  /** After this time no further round of scans begins. */
  private static final Duration SCANNING = Duration.ofSeconds(40);

  private static final int[] THREADS = {1, 2, 4};

  private final Map<String, Contender> contenders;
  private final Sample sample;
  private final Run run;
  private final Consumer<Cost> costs;

  /** One row of a random choice. */
  private interface Row {
    int next(Random random);
  }

  /**
   * @param contenders by name
   * @param costs hears of each as soon as it is known
   */
  WarmTimes(Run run, Map<String, Contender> contenders, Sample sample, Consumer<Cost> costs) {
    this.run = run;
    this.costs = costs;
    this.contenders = new LinkedHashMap<>(contenders);
    this.sample = sample;
  }

  /** Everything, with one, two and four threads. */
  void all(String size) throws Exception {
    for (int threads : THREADS) {
      String suffix = ", " + size + (threads == 1 ? "" : ", " + threads + " threads");
      lookups("hot lookup" + suffix, hot(), threads);
      lookups("random lookup" + suffix, any(), threads);
    }
    scans("full scan, " + size);
  }

  /** The same with one thread. */
  void single(String size) throws Exception {
    lookups("hot lookup, " + size, hot(), 1);
    lookups("random lookup, " + size, any(), 1);
    scans("full scan, " + size);
  }

  /** Lookups of 200 rows only. */
  void hot(String size) throws Exception {
    lookups("hot lookup, " + size, hot(), 1);
  }

  private Row hot() {
    return random -> sample.hot(random.nextInt(Sample.HOT_ROWS));
  }

  private Row any() {
    return random -> 1 + random.nextInt(sample.table().rows());
  }

  private void lookups(String operation, Row row, int threads) throws Exception {
    Map<String, List<Connection>> connections = new LinkedHashMap<>();
    Map<String, List<Double>> times = new LinkedHashMap<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Map.Entry<String, Contender> contender : contenders.entrySet()) {
        connections.put(contender.getKey(), open(contender.getValue(), threads));
      }
      for (int turn = -WARM_UP; turn < TURNS; turn++) {
        for (Map.Entry<String, List<Connection>> contender : connections.entrySet()) {
          double ms = turn(pool, contender.getValue(), row, turn);
          if (turn >= 0) {
            times.computeIfAbsent(contender.getKey(), name -> new ArrayList<>()).add(ms);
          }
        }
      }
    }
    for (List<Connection> all : connections.values()) {
      for (Connection db : all) {
        db.close();
      }
    }
    times.forEach((name, all) -> add(name, operation, median(all)));
  }

  private List<Connection> open(Contender contender, int count) throws SQLException {
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Connection db = contender.open(Store.place(sample));
      contender.warm(db);
      all.add(db);
    }
    return all;
  }

  /** Milliseconds for one lookup of one thread, the others doing the same. */
  private static double turn(ExecutorService pool, List<Connection> connections, Row row, int seed)
      throws Exception {
    List<Callable<Double>> work = new ArrayList<>();
    for (Connection db : connections) {
      Random random = new Random(seed * 31L + work.size());
      work.add(
          () -> {
            try (PreparedStatement lookup = db.prepareStatement(Queries.LOOKUP)) {
              for (int i = 0; i < Sample.HOT_ROWS; i++) {
                Queries.read(lookup, row.next(random));
              }
              return repeat(lookup, row, random);
            }
          });
    }
    double sum = 0;
    for (Future<Double> time : pool.invokeAll(work)) {
      sum += time.get();
    }
    return sum / connections.size();
  }

  private static double repeat(PreparedStatement lookup, Row row, Random random)
      throws SQLException {
    long start = System.nanoTime();
    long end = start + TURN.toNanos();
    int count = 0;
    while (System.nanoTime() < end) {
      for (int i = 0; i < BLOCK; i++) {
        Queries.read(lookup, row.next(random));
      }
      count += BLOCK;
    }
    return (System.nanoTime() - start) / 1e6 / count;
  }

  private void scans(String operation) throws SQLException {
    Map<String, List<Double>> times = new LinkedHashMap<>();
    long end = System.nanoTime() + SCANNING.toNanos();
    for (int turn = -1; turn <= 0 || turn < SCANS && System.nanoTime() < end; turn++) {
      for (Map.Entry<String, Contender> contender : contenders.entrySet()) {
        try (Connection db = contender.getValue().open(Store.place(sample))) {
          contender.getValue().warm(db);
          long start = System.nanoTime();
          Queries.scan(db, sample.table().rows());
          double ms = (System.nanoTime() - start) / 1e6;
          if (turn >= 0) {
            times.computeIfAbsent(contender.getKey(), name -> new ArrayList<>()).add(ms);
          }
        }
      }
    }
    times.forEach((name, all) -> add(name, operation, median(all)));
  }

  private void add(String name, String operation, double ms) {
    costs.accept(Cost.warm(run, name, operation, ms));
  }

  private static double median(List<Double> all) {
    double[] sorted = all.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}

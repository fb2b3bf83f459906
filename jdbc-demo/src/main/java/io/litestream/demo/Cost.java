package io.litestream.demo;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.StoreRequests;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** What each step asked of the store, and how long it took. */
final class Cost {

  private static final List<String> HEADER =
      List.of("step", "lists", "reads", "probes", "bytes", "ms");

  /** A step of the demo. */
  interface Step<T> {
    T run() throws SQLException;
  }

  private final Table table = new Table(HEADER);
  private final StoreRequests before = Litestream.storeRequests();
  private long nanos;

  /** Runs a step and counts it, also when it fails. */
  <T> T measure(String name, Step<T> step) throws SQLException {
    StoreRequests start = Litestream.storeRequests();
    long began = System.nanoTime();
    try {
      return step.run();
    } finally {
      long took = System.nanoTime() - began;
      nanos += took;
      add(name, Litestream.storeRequests().since(start), took);
    }
  }

  /** All steps and their sum. */
  Table table() {
    add("all", Litestream.storeRequests().since(before), nanos);
    return table;
  }

  private void add(String name, StoreRequests cost, long took) {
    table.row(
        name,
        Long.toString(cost.lists()),
        Long.toString(cost.reads()),
        Long.toString(cost.probes()),
        String.format(Locale.ROOT, "%,d", cost.bytes()),
        String.format(Locale.ROOT, "%.1f", took / 1e6));
  }
}

package io.litestream.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;

/** What a comparison runs, in this order. */
final class Plan {

  /** Milliseconds: a region of S3 away from the reader. */
  static final long S3 = 20;

  /** For counting round trips: with a long delay, what is sent together is seen to be. */
  private static final long FAR = 200;

  private static final long NEAR = 0;

  /** On the stub; MinIO shows, in one, that the stub's numbers are those of a real server. */
  private static final int ROUNDS = 3;

  private final Options options;
  private final List<Run> runs = new ArrayList<>();

  private Plan(Options options) {
    this.options = options;
  }

  static List<Run> of(Options options) {
    Plan plan = new Plan(options);
    for (String store : options.stores()) {
      plan.ours(store);
      plan.upstream(store);
      plan.restores(store);
    }
    plan.computed();
    plan.warm(options.stores().getFirst());
    return List.copyOf(plan.runs);
  }

  private void add(String contender, String store, long delayMs, Part... parts) {
    for (Part part : parts) {
      if (options.wants(part)) {
        runs.add(new Run(contender, part, store, delayMs));
      }
    }
  }

  private void ours(String store) {
    int rounds = store.equals(Names.STUB) ? ROUNDS : 1;
    for (int round = 0; round < rounds; round++) {
      add(Names.OURS, store, S3, Part.START, Part.SNAP, Part.SCAN);
      add(Names.OURS, store, NEAR, Part.SCAN);
      add(Names.OURS, store, S3, Part.STEADY);
    }
    add(Names.OURS, store, FAR, Part.SNAP, Part.SCAN, Part.STEADY, Part.LARGE);
    add(Names.OURS, store, S3, Part.STEADY_RANDOM, Part.LIVE, Part.STREAMING);
    add(Names.OURS, store, S3, Part.HEDGING, Part.LARGE);
  }

  private void upstream(String store) {
    if (options.extension().isEmpty()) {
      return;
    }
    add(Names.UPSTREAM, store, S3, Part.START, Part.SNAP, Part.STEADY, Part.STEADY_RANDOM);
    add(Names.UPSTREAM, store, S3, Part.LIVE, Part.LARGE);
    // At 20 ms it takes minutes, all of them waiting: counted here, calculated in the report.
    add(Names.UPSTREAM, store, NEAR, Part.SCAN);
    add(Names.HYDRATED, store, S3, Part.STREAMING);
  }

  private void restores(String store) {
    if (!options.litestream().isEmpty()) {
      add(Names.RESTORE, store, S3, Part.RESTORE, Part.RESTORE_STEADY);
    }
  }

  /** There is nothing on disk that a server could hold. */
  private void computed() {
    add(Names.OURS, Names.STUB, FAR, Part.HUGE);
    add(Names.OURS, Names.STUB, S3, Part.HUGE);
  }

  /** The store has nothing to do any more when they are measured. */
  private void warm(String store) {
    add(Names.OURS, store, NEAR, Part.WARM, Part.WARM_LARGE);
    if (!options.extension().isEmpty()) {
      add(Names.UPSTREAM, store, NEAR, Part.WARM);
      add(Names.HYDRATED, store, NEAR, Part.WARM);
      add(Names.UPSTREAM, store, NEAR, Part.WARM_LARGE);
    }
  }
}

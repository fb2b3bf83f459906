package io.litestream.testkit.model;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Draws a primary's steps by weight, and their parameters. */
final class RandomSteps {

  /** How often another step is drawn when one has nothing to do. */
  private static final int TRIES = 8;

  /** New lineages begin small, so that they grow. */
  private static final int LARGEST_START = 20;

  private final ModelPrimary primary;
  private final ModelConfig config;
  private final SplittableRandom random;
  private final Step[] steps = Step.values();
  private final int[] weights;
  private final int total;

  RandomSteps(ModelPrimary primary, ModelConfig config, SplittableRandom random) {
    this.primary = primary;
    this.config = config;
    this.random = random;
    this.weights =
        Arrays.stream(steps).mapToInt(s -> config.weights().getOrDefault(s, 0)).toArray();
    this.total = Arrays.stream(weights).sum();
  }

  Step next() {
    primary.advance(random.nextInt(4) == 0 ? 0 : random.nextLong(config.pauseMs() + 1));
    if (!primary.writable()) {
      if (primary.delete()) {
        return Step.DELETE;
      }
      beginLineage();
      return Step.SYNC;
    }
    for (int i = 0; i < TRIES; i++) {
      Step step = draw();
      if (take(step)) {
        return step;
      }
    }
    return Step.PAUSE;
  }

  boolean take(Step step) {
    return switch (step) {
      case SYNC -> primary.sync(1 + random.nextInt(4)) != null;
      case GROW -> primary.grow(1 + random.nextInt(6)) != null;
      case DDL -> primary.ddl() != null;
      case VACUUM -> primary.vacuum() != null;
      case SHRINK -> primary.shrink(1 + random.nextInt(8)) != null;
      case FULL_COPY -> primary.fullCopy() != null;
      case WAL_RESTART -> primary.restartWal();
      case COMPACTION_START -> primary.startCompaction(anyLevel());
      case COMPACTION_WRITE -> primary.writeCompaction(anyLevel());
      case SNAPSHOT_START -> primary.startSnapshot();
      case SNAPSHOT_WRITE -> primary.writeSnapshot(config.snapshotsAhead() && random.nextBoolean());
      case RETAIN_RAW -> primary.retainRaw();
      case RETAIN_SNAPSHOTS -> primary.retainSnapshots();
      case DELETE -> primary.delete();
      case REPLACE -> replace();
      case RESET -> primary.beginReset();
      case RESTORE_OLDER -> restoreOlder();
      case HOLD_BACK -> primary.holdBack();
      case REPAIR -> primary.repair();
      case PAUSE -> primary.advance(5 * config.pauseMs());
    };
  }

  private Step draw() {
    int left = random.nextInt(total);
    int i = 0;
    for (; left >= weights[i]; i++) {
      left -= weights[i];
    }
    return steps[i];
  }

  private int anyLevel() {
    return 1 + random.nextInt(config.compactionLevels());
  }

  private boolean replace() {
    List<StoredObject> all = primary.store().list();
    return !all.isEmpty() && primary.replace(all.get(random.nextInt(all.size())).key());
  }

  private boolean restoreOlder() {
    State newest = primary.newest();
    return newest != null
        && newest.txid() > 1
        && primary.restoreOlder(1 + random.nextLong(newest.txid() - 1), random.nextBoolean())
            != null;
  }

  private void beginLineage() {
    List<Integer> sizes = config.pageSizes();
    int commit = 1 + random.nextInt(Math.min(LARGEST_START, config.maxPages()));
    primary.beginLineage(sizes.get(random.nextInt(sizes.size())), commit, random.nextBoolean());
  }
}

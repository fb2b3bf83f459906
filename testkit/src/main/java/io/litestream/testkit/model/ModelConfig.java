package io.litestream.testkit.model;

import io.litestream.testkit.ltx.PageEncoding;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How a model primary behaves.
 *
 * @param pageSizes one is drawn for each lineage
 * @param maxPages the largest database, 1 to 64 pages
 * @param compactionLevels how many levels above 0 are compacted, 1 to 8
 * @param rawRetentionMs how long raw files stay after level 1 has them
 * @param snapshotRetentionMs how long snapshots stay
 * @param pauseMs the longest time between two steps
 * @param modifiedGrainMs listings show upload times rounded up to a multiple of this
 * @param snapshotsAhead whether snapshots may hold later transactions than their names say, as up
 *     to Litestream 0.5.14
 * @param encodings one is drawn for each file
 * @param weights how often each step is taken
 */
public record ModelConfig(
    List<Integer> pageSizes,
    int maxPages,
    int compactionLevels,
    long rawRetentionMs,
    long snapshotRetentionMs,
    long pauseMs,
    long modifiedGrainMs,
    boolean snapshotsAhead,
    List<PageEncoding> encodings,
    Map<Step, Integer> weights) {

  /** The largest database that a model can have. */
  public static final int MOST_PAGES = 64;

  public ModelConfig {
    if (maxPages < 1 || maxPages > MOST_PAGES) {
      throw new IllegalArgumentException(
          "maxPages " + maxPages + " is not one of 1.." + MOST_PAGES);
    }
    if (compactionLevels < 1 || compactionLevels > 8) {
      throw new IllegalArgumentException(
          "compactionLevels " + compactionLevels + " is not one of 1..8");
    }
    pageSizes = List.copyOf(pageSizes);
    encodings = List.copyOf(encodings);
    weights = Map.copyOf(weights);
  }

  /**
   * Small pages, three levels, retention of seconds, every step there is, snapshots exact, mostly
   * fast encodings.
   */
  public static ModelConfig usual() {
    Map<Step, Integer> weights = new EnumMap<>(Step.class);
    for (Step step : Step.values()) {
      weights.put(step, step.usualWeight());
    }
    return new ModelConfig(
        List.of(512, 512, 512, 1024),
        60,
        3,
        2_000,
        10_000,
        200,
        1,
        false,
        List.of(
            PageEncoding.STORED_BLOCK,
            PageEncoding.STORED_BLOCK,
            PageEncoding.STORED_BLOCK,
            PageEncoding.STORED_FRAME,
            PageEncoding.BLOCK,
            PageEncoding.FRAME),
        weights);
  }

  public ModelConfig withPageSizes(Integer... sizes) {
    return new ModelConfig(
        List.of(sizes),
        maxPages,
        compactionLevels,
        rawRetentionMs,
        snapshotRetentionMs,
        pauseMs,
        modifiedGrainMs,
        snapshotsAhead,
        encodings,
        weights);
  }

  public ModelConfig withMaxPages(int pages) {
    return new ModelConfig(
        pageSizes,
        pages,
        compactionLevels,
        rawRetentionMs,
        snapshotRetentionMs,
        pauseMs,
        modifiedGrainMs,
        snapshotsAhead,
        encodings,
        weights);
  }

  public ModelConfig withCompactionLevels(int levels) {
    return new ModelConfig(
        pageSizes,
        maxPages,
        levels,
        rawRetentionMs,
        snapshotRetentionMs,
        pauseMs,
        modifiedGrainMs,
        snapshotsAhead,
        encodings,
        weights);
  }

  public ModelConfig withRetention(long rawMs, long snapshotMs) {
    return new ModelConfig(
        pageSizes,
        maxPages,
        compactionLevels,
        rawMs,
        snapshotMs,
        pauseMs,
        modifiedGrainMs,
        snapshotsAhead,
        encodings,
        weights);
  }

  public ModelConfig withClock(long longestPauseMs, long grainMs) {
    return new ModelConfig(
        pageSizes,
        maxPages,
        compactionLevels,
        rawRetentionMs,
        snapshotRetentionMs,
        longestPauseMs,
        grainMs,
        snapshotsAhead,
        encodings,
        weights);
  }

  public ModelConfig withSnapshotsAhead(boolean ahead) {
    return new ModelConfig(
        pageSizes,
        maxPages,
        compactionLevels,
        rawRetentionMs,
        snapshotRetentionMs,
        pauseMs,
        modifiedGrainMs,
        ahead,
        encodings,
        weights);
  }

  public ModelConfig withEncodings(PageEncoding... used) {
    return new ModelConfig(
        pageSizes,
        maxPages,
        compactionLevels,
        rawRetentionMs,
        snapshotRetentionMs,
        pauseMs,
        modifiedGrainMs,
        snapshotsAhead,
        List.of(used),
        weights);
  }

  /** 0: the step is never taken. */
  public ModelConfig withWeight(Step step, int weight) {
    Map<Step, Integer> changed = new EnumMap<>(weights);
    changed.put(step, weight);
    return new ModelConfig(
        pageSizes,
        maxPages,
        compactionLevels,
        rawRetentionMs,
        snapshotRetentionMs,
        pauseMs,
        modifiedGrainMs,
        snapshotsAhead,
        encodings,
        changed);
  }
}

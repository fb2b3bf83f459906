package io.litestream.testkit.litestream;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How often Litestream does what it does.
 *
 * @param levels the intervals of the compacted levels, from level 1 on
 * @param rawRetention how long level 0 is kept
 * @param snapshots how often a snapshot is made
 * @param snapshotRetention how long one is kept
 */
public record Schedule(
    List<Duration> levels, Duration rawRetention, Duration snapshots, Duration snapshotRetention) {

  /**
   * Everything happens within seconds: what a production replica goes through in a day, in half a
   * minute.
   */
  public static Schedule fast() {
    return new Schedule(
        List.of(Duration.ofSeconds(2), Duration.ofSeconds(6), Duration.ofSeconds(18)),
        Duration.ofSeconds(4),
        Duration.ofSeconds(15),
        Duration.ofSeconds(20));
  }

  /** The same with other snapshots. */
  public Schedule withSnapshots(Duration every, Duration keep) {
    return new Schedule(levels, rawRetention, every, keep);
  }

  /** The configuration file for one database. */
  String configuration(Path database, String url) {
    String intervals =
        levels.stream()
            .map(d -> "{interval: " + d.toMillis() + "ms}")
            .collect(Collectors.joining(", "));
    return """
    l0-retention: %dms
    l0-retention-check-interval: 1s
    levels: [%s]
    snapshot: {interval: %dms, retention: %dms}
    dbs:
      - path: %s
        monitor-interval: 50ms
        replica:
          url: "%s"
          sync-interval: 100ms
    """
        .formatted(
            rawRetention.toMillis(),
            intervals,
            snapshots.toMillis(),
            snapshotRetention.toMillis(),
            database,
            url);
  }
}

package io.litestream.jdbc.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.litestream.Litestream;
import io.litestream.testkit.litestream.LitestreamProcess;
import io.litestream.testkit.litestream.Schedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * A ledger and the Litestream that replicates it, through all that befalls a primary in a minute:
 * VACUUMs, a restart behind which somebody else checkpointed, a crash. Not thread-safe.
 */
final class Primary {

  /** Everything happens within seconds, retention of raw files included. */
  private static final Schedule SCHEDULE =
      new Schedule(
          List.of(Duration.ofSeconds(2), Duration.ofSeconds(6), Duration.ofSeconds(18)),
          Duration.ofSeconds(6),
          Duration.ofSeconds(15),
          Duration.ofSeconds(20));

  private static final Duration BETWEEN_STEPS = Duration.ofMillis(150);

  /**
   * Around a snapshot of a release that may write one ahead of its name, the ledger rests: so long
   * before, until all is synced, and so long after.
   */
  private static final Duration REST_BEFORE = Duration.ofSeconds(2);

  private static final Duration REST_AFTER = Duration.ofSeconds(2);

  private final Ledger ledger;
  private final Path file;
  private final Litestream litestream;
  private final String url;
  private final boolean restsForSnapshots;
  private final Journal journal;
  private final Random random;

  Primary(
      Ledger ledger,
      Path file,
      Litestream litestream,
      String url,
      boolean restsForSnapshots,
      long seed,
      Journal journal) {
    this.ledger = ledger;
    this.file = file;
    this.litestream = litestream;
    this.url = url;
    this.restsForSnapshots = restsForSnapshots;
    this.journal = journal;
    this.random = new Random(seed);
  }

  /** Starts replicating. */
  LitestreamProcess start() throws Exception {
    LitestreamProcess process = litestream.replicate(file, url, SCHEDULE);
    journal.running(true);
    if (restsForSnapshots) {
      Thread.sleep(REST_AFTER); // it begins with one
    }
    return process;
  }

  /** Writes for {@code time}, then ends Litestream in good order. */
  void run(LitestreamProcess first, Duration time) throws Exception {
    Duration part = time.dividedBy(5);
    LitestreamProcess process = first;
    try {
      write(part);
      ledger.vacuum();
      write(part);
      journal.running(false);
      process.stop();
      process = restart();
      write(part);
      ledger.vacuum();
      write(part);
      journal.running(false);
      process.kill();
      process = restart();
      write(part);
      assertThat(process.alive()).as(process.log()).isTrue();
      process.stop();
    } finally {
      process.close();
    }
  }

  /** Goes on writing while Litestream is down, and takes the WAL away from under it. */
  private LitestreamProcess restart() throws Exception {
    write(Duration.ofSeconds(1));
    ledger.checkpoint();
    write(Duration.ofSeconds(1));
    return start();
  }

  private void write(Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      if (!restsForSnapshots || !snapshotNear()) {
        ledger.step();
      }
      Thread.sleep((long) (BETWEEN_STEPS.toMillis() * 2 * random.nextDouble()));
    }
  }

  /** Litestream makes snapshots when the clock shows a multiple of their interval. */
  private boolean snapshotNear() {
    long every = SCHEDULE.snapshots().toMillis();
    long since = System.currentTimeMillis() % every;
    return since < REST_AFTER.toMillis() || every - since < REST_BEFORE.toMillis();
  }
}

package io.litestream.jdbc.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.RowDigest;
import io.litestream.testkit.litestream.Litestream;
import io.litestream.testkit.litestream.LitestreamProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A primary that lives for a while, and the connections that read its replica meanwhile.
 *
 * @param directory an existing one, for the database and its logs
 * @param url the replica's
 * @param restsForSnapshots whether the release writes snapshots ahead of their names under load
 * @param autocheckpoint as {@code PRAGMA wal_autocheckpoint}
 */
record Scenario(
    Path directory,
    Litestream litestream,
    String url,
    boolean restsForSnapshots,
    int autocheckpoint,
    Duration pollInterval,
    Duration time) {

  /** How long the readers may take to see the last commit. */
  private static final Duration CATCH_UP = Duration.ofSeconds(30);

  /** A line of what was checked. Anything wrong is an exception. */
  String run() throws Exception {
    Path file = directory.resolve("live.db");
    long seed = System.nanoTime();
    Journal journal = new Journal();
    AtomicBoolean going = new AtomicBoolean(true);
    Readers readers = new Readers(url, pollInterval, journal, going::get);
    ExecutorService threads = Executors.newCachedThreadPool();
    try (Ledger ledger = new Ledger(file, autocheckpoint, seed, journal)) {
      Primary primary =
          new Primary(ledger, file, litestream, url, restsForSnapshots, seed, journal);
      LitestreamProcess process = primary.start();
      List<Future<Void>> running =
          readers.all().stream().map((Callable<Void> reader) -> threads.submit(reader)).toList();
      try (Connection last = readers.connect("")) {
        primary.run(process, time);
        awaitStep(last, journal.last());
        going.set(false);
        for (Future<Void> reader : running) {
          reader.get();
        }
        compare(last, file);
      }
    } finally {
      going.set(false);
      threads.shutdownNow();
    }
    return journal.figures()
        + ", ms until commits were seen (median, p99, max) "
        + journal.delays();
  }

  private static void awaitStep(Connection connection, long step) throws Exception {
    long end = System.nanoTime() + CATCH_UP.toNanos();
    while (Readers.look(connection).content().step() < step) {
      assertThat(System.nanoTime())
          .as("time for which step %d has not been seen", step)
          .isLessThan(end);
      Thread.sleep(100);
    }
  }

  private void compare(Connection replica, Path file) throws Exception {
    Path restored = directory.resolve("restored.db");
    Files.deleteIfExists(restored);
    Litestream.Restored restore = litestream.restore(url, restored);
    assertThat(restore.done()).as(restore.output()).isTrue();
    String rows = RowDigest.of(replica).sha256();
    assertThat(RowDigest.integrity(replica)).isEqualTo("ok");
    assertThat(rows).as("rows of the replica and of the primary").isEqualTo(rowsOf(file));
    assertThat(rows).as("rows of the replica and restored").isEqualTo(rowsOf(restored));
  }

  private static String rowsOf(Path database) throws Exception {
    try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + database)) {
      return RowDigest.of(c).sha256();
    }
  }
}

package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.Meter;
import io.litestream.testkit.server.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What people do without a VFS: restore the whole database, once or ever again, and open it. */
final class Restores {

  private static final int ROW = 100_001;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration FOLLOW = Duration.ofSeconds(30);

  private final Path program;
  private final Path data;
  private final Store store;
  private final Sample sample;
  private final Run run;
  private final Meter meter;
  private final Consumer<Cost> costs;

  /**
   * @param program litestream
   * @param sample whose replica the store holds
   * @param costs hears of each as soon as it is known
   */
  Restores(Path program, Path data, Run run, Store store, Sample sample, Consumer<Cost> costs) {
    this.program = program;
    this.data = data;
    this.run = run;
    this.store = store;
    this.sample = sample;
    this.costs = costs;
    meter = store.meter();
    meter.delay(Duration.ofMillis(run.delayMs()));
  }

  /**
   * @param what is restored
   */
  void once(String what) throws IOException, InterruptedException, SQLException {
    Path database = fresh();
    meter.reset();
    long start = System.nanoTime();
    Process restore = start(database, List.of());
    if (!restore.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || restore.exitValue() != 0) {
      restore.destroyForcibly();
      throw new IllegalStateException("litestream restore fails; see " + log());
    }
    read(database);
    add(Names.RESTORE, "open + first row, " + what, System.nanoTime() - start);
  }

  /** Until the first row can be read, and what following costs then. */
  void follow() throws IOException, InterruptedException, SQLException {
    Path database = fresh();
    meter.reset();
    long start = System.nanoTime();
    Process restore = start(database, List.of("-f"));
    try {
      while (!Files.exists(database)) {
        if (!restore.isAlive() || System.nanoTime() - start > LIMIT.toNanos()) {
          throw new IllegalStateException("litestream restore -f fails; see " + log());
        }
        Thread.sleep(5);
      }
      read(database);
      add(Names.RESTORE_FOLLOW, "open + first row, steady", System.nanoTime() - start);
      meter.reset();
      Thread.sleep(FOLLOW);
      String idle = "20 connections, none reads: a second";
      costs.accept(
          Cost.of(run, Names.RESTORE_FOLLOW, idle, meter, 0, FOLLOW.toNanos())
              .per(FOLLOW.toSeconds()));
    } finally {
      restore.destroy();
      restore.waitFor();
    }
  }

  private void read(Path database) throws SQLException {
    try (Connection db = new LocalFile(database).open(Store.place(sample))) {
      Queries.lookup(db, ROW);
    }
  }

  private Path fresh() throws IOException {
    Path database = data.resolve("restored.db");
    for (String suffix : List.of("", "-wal", "-shm", "-txid")) {
      Files.deleteIfExists(data.resolve("restored.db" + suffix));
    }
    return database;
  }

  private Path log() {
    return data.resolve("restore.log");
  }

  private Process start(Path database, List<String> options) throws IOException {
    S3Server server = store.server();
    List<String> command = new ArrayList<>(List.of(program.toString(), "restore"));
    command.addAll(options);
    command.addAll(
        List.of("-o", database.toString(), server.replicaUrl(Store.bucket(sample), Store.PATH)));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
    builder.environment().put("AWS_ACCESS_KEY_ID", server.accessKey());
    builder.environment().put("AWS_SECRET_ACCESS_KEY", server.secretKey());
    builder.environment().put("AWS_REGION", S3Server.REGION);
    builder.environment().remove("AWS_CA_BUNDLE");
    return builder.start();
  }

  private void add(String contender, String operation, long nanos) {
    costs.accept(Cost.of(run, contender, operation, meter, 0, nanos));
  }
}

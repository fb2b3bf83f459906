package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.data.SampleTable;
import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.S3Stub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What people do without a VFS: restore the whole database, once or ever again, and open it. */
final class Restores {

  private static final int ROW = 100_001;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration FOLLOW = Duration.ofSeconds(30);

  private final Path program;
  private final Path data;
  private final List<Cost> costs = new ArrayList<>();

  /**
   * @param program litestream
   */
  Restores(Path program, Path data) {
    this.program = program;
    this.data = data;
  }

  List<Cost> run(long delayMs) throws IOException, InterruptedException, SQLException {
    try (S3Stub stub = S3Stub.start()) {
      stub.delay(Duration.ofMillis(delayMs));
      Bucket bucket = new Bucket(stub);
      bucket.serve(Sample.in(data, SampleTable.SMALL, Shape.SNAP));
      once(stub, "open + first row, snap", delayMs);
      bucket.serve(Sample.in(data, SampleTable.SMALL, Shape.STEADY));
      once(stub, "open + first row, steady", delayMs);
      follow(stub, delayMs);
    }
    return costs;
  }

  private void once(S3Stub stub, String operation, long delayMs)
      throws IOException, InterruptedException, SQLException {
    Path database = fresh();
    stub.reset();
    long start = System.nanoTime();
    Process restore = start(stub, database, List.of());
    if (!restore.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || restore.exitValue() != 0) {
      restore.destroyForcibly();
      throw new IllegalStateException("litestream restore fails; see " + log());
    }
    read(database);
    add(Cost.of(Names.RESTORE, operation, stub, delayMs, System.nanoTime() - start));
  }

  private void follow(S3Stub stub, long delayMs)
      throws IOException, InterruptedException, SQLException {
    Path database = fresh();
    stub.reset();
    long start = System.nanoTime();
    Process restore = start(stub, database, List.of("-f"));
    try {
      while (!Files.exists(database)) {
        if (!restore.isAlive() || System.nanoTime() - start > LIMIT.toNanos()) {
          throw new IllegalStateException("litestream restore -f fails; see " + log());
        }
        Thread.sleep(5);
      }
      read(database);
      String open = "open + first row, steady";
      add(Cost.of(Names.RESTORE_FOLLOW, open, stub, delayMs, System.nanoTime() - start));
      stub.reset();
      Thread.sleep(FOLLOW);
      add(
          Cost.of(
                  Names.RESTORE_FOLLOW,
                  "20 connections, none reads: a second",
                  stub,
                  delayMs,
                  FOLLOW.toNanos())
              .per(FOLLOW.toSeconds()));
    } finally {
      restore.destroy();
      restore.waitFor();
    }
  }

  private void read(Path database) throws SQLException {
    try (Connection db = new LocalFile(database).open(Bucket.PLACE)) {
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

  private Process start(S3Stub stub, Path database, List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString(), "restore"));
    command.addAll(options);
    command.addAll(List.of("-o", database.toString(), stub.replicaUrl(Bucket.NAME, "db")));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
    builder.environment().put("AWS_ACCESS_KEY_ID", stub.accessKey());
    builder.environment().put("AWS_SECRET_ACCESS_KEY", stub.secretKey());
    builder.environment().put("AWS_REGION", S3Server.REGION);
    builder.environment().remove("AWS_CA_BUNDLE");
    return builder.start();
  }

  private void add(Cost cost) {
    costs.add(cost);
    System.err.println(cost);
  }
}

package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.S3Stub;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations on a replica of which nothing is cached. Not thread-safe. */
final class ColdCosts {

  private static final int ROW = 100_001;
  private static final int TRANSACTIONS = 5;
  private static final int CONNECTIONS = 20;
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(2);

  /** The JVM compiles what has run a few hundred times. */
  private static final int REPETITIONS = 1_000;

  private static final Duration REPEATING = Duration.ofSeconds(5);

  /** Without a request for so long, background work has come to its end. */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Bucket bucket;
  private final S3Stub stub;
  private final String name;
  private final Contender contender;
  private final long delayMs;
  private final List<Cost> costs = new ArrayList<>();

  /** What is measured. */
  private interface Operation {
    void run() throws SQLException;
  }

  /** What is done with a connection. */
  private interface Use {
    void run(Connection db) throws SQLException;
  }

  /**
   * @param name the contender's
   * @param delayMs of each request
   */
  ColdCosts(Bucket bucket, String name, Contender contender, long delayMs) {
    this.bucket = bucket;
    this.stub = bucket.stub();
    this.name = name;
    this.contender = contender;
    this.delayMs = delayMs;
    stub.delay(Duration.ofMillis(delayMs));
  }

  List<Cost> costs() {
    return costs;
  }

  void open(String what) throws SQLException {
    open(what, ROW);
  }

  /**
   * @param row one that was never updated
   */
  void open(String what, int row) throws SQLException {
    Connection[] db = new Connection[1];
    measure("open + first row, " + what, () -> db[0] = openAndRead(row));
    db[0].close();
    contender.forget();
  }

  void second() throws SQLException {
    fresh(
        db -> {
          Connection[] other = new Connection[1];
          measure("second connection", () -> other[0] = openAndRead());
          other[0].close();
          repeated("second connection, once compiled", () -> openAndRead().close());
        });
  }

  void lookups(Sample sample) throws SQLException {
    fresh(db -> measure("100 random lookups", () -> Queries.lookups(db, sample.table())));
  }

  void range(Sample sample) throws SQLException {
    fresh(db -> measure("5,000-row range", () -> Queries.range(db, sample.table())));
  }

  void scattered(Sample sample) throws SQLException {
    fresh(
        db -> measure("500 scattered rows by index", () -> Queries.scattered(db, sample.table())));
  }

  void scan(Sample sample) throws SQLException {
    fresh(
        db -> {
          measure("full scan", () -> Queries.scan(db, sample.table().rows()));
          measure("full scan again", () -> Queries.scan(db, sample.table().rows()));
        });
  }

  void travel() throws SQLException {
    Instant past = Sample.committed(Sample.TRANSACTIONS).minus(Duration.ofMinutes(30));
    fresh(
        db -> {
          measure("time travel, first", () -> past(db, past));
          measure("time travel, back", () -> past(db, null));
          measure("time travel, again", () -> past(db, past));
          repeated(
              "time travel, back and again, once compiled",
              () -> {
                past(db, null);
                past(db, past);
              });
        });
  }

  /** The open, and everything in the background until nothing more is asked for. */
  void streaming() throws SQLException {
    stub.reset();
    long start = System.nanoTime();
    fresh(
        db -> add(Cost.of(name, "open + the whole database", stub, delayMs, awaitQuiet() - start)));
  }

  /** New transactions one after the other, each until a query shows it; the mean of one. */
  void follow(Sample sample) throws SQLException {
    fresh(
        db -> {
          int added = sample.table().rows() + Sample.TRANSACTIONS;
          stub.reset();
          long start = System.nanoTime();
          for (var later : Bucket.later(sample).entrySet()) {
            bucket.add(later.getKey(), later.getValue());
            added++;
            while (Queries.number(db, "SELECT max(id) FROM t") != added) {
              sleep(PAUSE);
            }
            if (added - sample.table().rows() - Sample.TRANSACTIONS == TRANSACTIONS) {
              break;
            }
          }
          long nanos = System.nanoTime() - start;
          add(
              Cost.of(name, "a new transaction becomes visible", stub, delayMs, nanos)
                  .per(TRANSACTIONS));
        });
    bucket.serve(sample);
  }

  /** Twenty connections: what a second costs while one of them reads, and while none does. */
  void idle() throws SQLException {
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      all.add(openAndRead());
    }
    stub.reset();
    long end = System.nanoTime() + IDLE.toNanos();
    while (System.nanoTime() < end) {
      Queries.lookup(all.getFirst(), ROW);
      sleep(Duration.ofMillis(100));
    }
    perSecond("20 connections, one reads: a second");
    stub.reset();
    sleep(IDLE);
    perSecond("20 connections, none reads: a second");
    for (Connection db : all) {
      db.close();
    }
    contender.forget();
  }

  private void perSecond(String operation) {
    add(Cost.of(name, operation, stub, delayMs, IDLE.toNanos()).per(IDLE.toSeconds()));
  }

  private Connection openAndRead() throws SQLException {
    return openAndRead(ROW);
  }

  private Connection openAndRead(int row) throws SQLException {
    Connection db = contender.open(Bucket.PLACE);
    Queries.lookup(db, row);
    return db;
  }

  private void past(Connection db, @Nullable Instant time) throws SQLException {
    contender.travel(db, time);
    Queries.lookup(db, ROW);
  }

  private void fresh(Use use) throws SQLException {
    try (Connection db = openAndRead()) {
      use.run(db);
    }
    contender.forget();
  }

  private void measure(String operation, Operation work) throws SQLException {
    stub.reset();
    long start = System.nanoTime();
    work.run();
    add(Cost.of(name, operation, stub, delayMs, System.nanoTime() - start));
  }

  /** The median of many, or of as many as fit the time; the requests are the last one's. */
  private void repeated(String operation, Operation work) throws SQLException {
    long end = System.nanoTime() + REPEATING.toNanos();
    List<Long> nanos = new ArrayList<>();
    while (nanos.size() < REPETITIONS && System.nanoTime() < end) {
      stub.reset();
      long start = System.nanoTime();
      work.run();
      nanos.add(System.nanoTime() - start);
    }
    nanos.sort(null);
    add(Cost.of(name, operation, stub, delayMs, nanos.get(nanos.size() / 2)));
  }

  private void add(Cost cost) {
    costs.add(cost);
    System.err.println(cost);
  }

  /** Returns the time of the last request, give or take a pause. */
  private long awaitQuiet() {
    int seen = 0;
    long last = System.nanoTime();
    while (System.nanoTime() - last < QUIET.toNanos()) {
      sleep(PAUSE);
      int now = stub.requests().size();
      if (now != seen) {
        seen = now;
        last = System.nanoTime();
      }
    }
    return last;
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

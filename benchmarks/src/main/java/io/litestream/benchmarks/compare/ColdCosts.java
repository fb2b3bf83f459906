package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.Meter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
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

  /** One answer in so many is late, by so much: slow enough that a reader would notice. */
  private static final int LATE_EVERY = 25;

  private static final Duration LATE_BY = Duration.ofMillis(300);

  private final Run run;
  private final Store store;
  private final Sample sample;
  private final Contender contender;
  private final Consumer<Cost> costs;
  private final Meter meter;

  /** What is measured. */
  private interface Operation {
    void run() throws SQLException;
  }

  /** What is done with a connection. */
  private interface Use {
    void run(Connection db) throws SQLException;
  }

  /**
   * @param sample whose replica the store holds
   * @param costs hears of each as soon as it is known
   */
  ColdCosts(Run run, Store store, Sample sample, Contender contender, Consumer<Cost> costs) {
    this.run = run;
    this.store = store;
    this.sample = sample;
    this.contender = contender;
    this.costs = costs;
    meter = store.meter();
    meter.delay(Duration.ofMillis(run.delayMs()));
  }

  /** An open whose cost is part of another. */
  void start() throws SQLException {
    openAndRead();
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

  void lookups() throws SQLException {
    fresh(db -> measure("100 random lookups", () -> Queries.lookups(db, sample.table())));
  }

  void range() throws SQLException {
    fresh(db -> measure("5,000-row range", () -> Queries.range(db, sample.table())));
  }

  void scattered() throws SQLException {
    fresh(
        db -> measure("500 scattered rows by index", () -> Queries.scattered(db, sample.table())));
  }

  /**
   * @param twice whether the second time is of interest: that of a contender that keeps pages
   */
  void scan(boolean twice) throws SQLException {
    fresh(
        db -> {
          measure("full scan", () -> Queries.scan(db, sample.table().rows()));
          if (twice) {
            measure("full scan again", () -> Queries.scan(db, sample.table().rows()));
          }
        });
  }

  /**
   * Lookups in a store with a tail of slow answers.
   *
   * @param how added to the operation's name
   */
  void late(String how) throws SQLException {
    fresh(
        db -> {
          meter.late(LATE_EVERY, LATE_BY);
          measure(
              "100 random lookups, every 25th answer 300 ms late" + how,
              () -> Queries.lookups(db, sample.table()));
          meter.late(Integer.MAX_VALUE, Duration.ZERO);
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
    meter.reset();
    long start = System.nanoTime();
    fresh(
        db -> {
          contender.awaitCopy(db);
          costs.accept(cost("open + the whole database", 0, awaitQuiet() - start));
        });
  }

  /** New transactions one after the other, each until a query shows it; the mean of one. */
  void follow() throws SQLException {
    fresh(
        db -> {
          int added = sample.table().rows() + Sample.TRANSACTIONS;
          meter.reset();
          long start = System.nanoTime();
          for (var later : Store.later(sample).entrySet()) {
            store.add(sample, later.getKey(), later.getValue());
            added++;
            while (Queries.number(db, "SELECT max(id) FROM t") != added) {
              sleep(PAUSE);
            }
            if (added - sample.table().rows() - Sample.TRANSACTIONS == TRANSACTIONS) {
              break;
            }
          }
          long nanos = System.nanoTime() - start;
          costs.accept(cost("a new transaction becomes visible", 0, nanos).per(TRANSACTIONS));
        });
    store.hold(sample);
  }

  /** Twenty connections: what a second costs while one of them reads, and while none does. */
  void idle() throws SQLException {
    List<Connection> all = openAll();
    meter.reset();
    long end = System.nanoTime() + IDLE.toNanos();
    while (System.nanoTime() < end) {
      Queries.lookup(all.getFirst(), ROW);
      sleep(Duration.ofMillis(100));
    }
    perSecond("20 connections, one reads: a second");
    meter.reset();
    sleep(IDLE);
    perSecond("20 connections, none reads: a second");
    for (Connection db : all) {
      db.close();
    }
    contender.forget();
  }

  /**
   * One, then the others at once: one after the other they take a contender that shares nothing
   * more than a minute.
   */
  private List<Connection> openAll() throws SQLException {
    List<Connection> all = new ArrayList<>(List.of(openAndRead()));
    int others = CONNECTIONS - all.size();
    try (ExecutorService threads = Executors.newFixedThreadPool(others)) {
      List<Callable<Connection>> opens = Collections.nCopies(others, this::openAndRead);
      for (Future<Connection> open : threads.invokeAll(opens)) {
        all.add(open.get());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new SQLException("a connection beside others does not open", e.getCause());
    }
    return all;
  }

  private void perSecond(String operation) {
    costs.accept(cost(operation, 0, IDLE.toNanos()).per(IDLE.toSeconds()));
  }

  private Connection openAndRead() throws SQLException {
    return openAndRead(ROW);
  }

  private Connection openAndRead(int row) throws SQLException {
    Connection db = contender.open(Store.place(sample));
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
    long hedges = contender.hedges();
    meter.reset();
    long start = System.nanoTime();
    work.run();
    add(operation, hedges, System.nanoTime() - start);
  }

  /** The median of many, or of as many as fit the time; the requests are the last one's. */
  private void repeated(String operation, Operation work) throws SQLException {
    long end = System.nanoTime() + REPEATING.toNanos();
    List<Long> nanos = new ArrayList<>();
    long hedges = 0;
    while (nanos.size() < REPETITIONS && System.nanoTime() < end) {
      hedges = contender.hedges();
      meter.reset();
      long start = System.nanoTime();
      work.run();
      nanos.add(System.nanoTime() - start);
    }
    nanos.sort(null);
    add(operation, hedges, nanos.get(nanos.size() / 2));
  }

  private void add(String operation, long hedgesBefore, long nanos) {
    costs.accept(cost(operation, contender.hedges() - hedgesBefore, nanos));
  }

  private Cost cost(String operation, long hedges, long nanos) {
    return Cost.of(run, run.contender(), operation, meter, hedges, nanos);
  }

  /** Returns the time of the last request, give or take a pause. */
  private long awaitQuiet() {
    int seen = 0;
    long last = System.nanoTime();
    while (System.nanoTime() - last < QUIET.toNanos()) {
      sleep(PAUSE);
      int now = meter.requests().size();
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

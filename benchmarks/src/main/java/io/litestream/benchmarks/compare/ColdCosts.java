package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.S3Stub;
import io.litestream.testkit.server.StubObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The operations on a replica of which nothing is cached. Not thread-safe. */
final class ColdCosts {

  private static final int ROW = 100_001;

  private final S3Stub stub;
  private final Contender contender;
  private final List<Cost> costs = new ArrayList<>();

  /** What is measured. */
  interface Operation {
    void run() throws SQLException;
  }

  ColdCosts(S3Stub stub, Contender contender) {
    this.stub = stub;
    this.contender = contender;
  }

  List<Cost> costs() {
    return costs;
  }

  /** Operations on the database of one snapshot. */
  void snap(Sample sample) throws SQLException {
    serve("snap", sample);
    fresh("snap", "open snap", db -> {});
    fresh("snap", null, db -> second("snap"));
    fresh("snap", null, db -> measure("100 lookups", () -> Queries.lookups(db, sample.table())));
    fresh("snap", null, db -> measure("5,000-row range", () -> Queries.range(db, sample.table())));
    fresh(
        "snap",
        null,
        db -> measure("500 rows by index", () -> Queries.scattered(db, sample.table())));
    fresh(
        "snap",
        null,
        db -> {
          measure("full scan", () -> Queries.scan(db, sample.table().rows()));
          measure("full scan again", () -> Queries.scan(db, sample.table().rows()));
        });
  }

  /** Operations on the database with 2,958 objects. */
  void steady(Sample sample) throws SQLException {
    serve("steady", sample);
    fresh("steady", "open steady", db -> {});
    fresh("steady", null, db -> second("steady"));
    fresh("steady", null, db -> travel(db, sample));
  }

  private void second(String bucket) throws SQLException {
    Connection[] other = new Connection[1];
    measure(
        "second on " + bucket,
        () -> {
          other[0] = contender.open(bucket + "/db");
          Queries.lookup(other[0], ROW);
        });
    other[0].close();
  }

  private void travel(Connection db, Sample sample) throws SQLException {
    var halfAnHourAgo = Sample.committed(Sample.TRANSACTIONS).minus(Duration.ofMinutes(30));
    measure("time travel", () -> past(db, halfAnHourAgo));
    measure("present again", () -> past(db, null));
    measure("time travel again", () -> past(db, halfAnHourAgo));
  }

  private void past(Connection db, java.time.@org.jspecify.annotations.Nullable Instant time)
      throws SQLException {
    contender.travel(db, time);
    Queries.lookup(db, ROW);
  }

  private void serve(String bucket, Sample sample) {
    NavigableMap<String, StubObject> objects =
        new TreeMap<>(StubObject.files(sample.replica(), "db/"));
    stub.serve(bucket, objects);
  }

  /** What is done with a connection. */
  private interface Use {
    void run(Connection db) throws SQLException;
  }

  /**
   * Opens a replica cold and reads a row.
   *
   * @param name of the cost of just that; null where it is not of interest
   */
  private void fresh(String bucket, @org.jspecify.annotations.Nullable String name, Use use)
      throws SQLException {
    Connection[] db = new Connection[1];
    Operation open =
        () -> {
          db[0] = contender.open(bucket + "/db");
          Queries.lookup(db[0], ROW);
        };
    if (name == null) {
      open.run();
    } else {
      measure(name, open);
    }
    use.run(db[0]);
    db[0].close();
    contender.forget();
  }

  private void measure(String name, Operation operation) throws SQLException {
    stub.reset();
    long start = System.nanoTime();
    operation.run();
    long nanos = System.nanoTime() - start;
    costs.add(Cost.of(name, stub.traffic(), stub.depth(), nanos));
    System.err.println(costs.getLast());
  }
}

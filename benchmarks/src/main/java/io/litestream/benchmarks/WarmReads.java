package io.litestream.benchmarks;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.SampleTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads whose pages are in memory: in the VFS's cache, or, of a local file, in the system's. Each
 * query is a transaction of its own (autocommit), so that locks and the check for changes count.
 * Threads ({@code -t 4}) have a connection each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls open() before all else
public class WarmReads {

  private static final String LOOKUP = "SELECT k FROM t WHERE id = ?";
  private static final String SCAN = "SELECT sum(length(v)) FROM t";

  /** More than the database, so that the cache never evicts. */
  private static final long CACHE_BYTES = 200L << 20;

  /**
   * What is read; "driver" is the replica through jdbc:litestream:, "local-immutable" a file that
   * SQLite neither locks nor checks.
   */
  @Param({"replica", "driver", "local", "local-immutable"})
  public String source;

  private Connection connection;
  private PreparedStatement lookup;
  private PreparedStatement scan;
  private Sample data;
  private Random random;

  @Setup
  public void open() throws Exception {
    Path directory = Path.of(System.getProperty("benchmark.data", "target/data"));
    data = Sample.in(directory, SampleTable.SMALL, Sample.Shape.SNAP);
    Jdbc.load();
    connection = connect();
    lookup = connection.prepareStatement(LOOKUP);
    scan = connection.prepareStatement(SCAN);
    random = new Random(1);
    Jdbc.scan(scan);
  }

  private Connection connect() throws SQLException {
    Path file = data.database();
    return switch (source) {
      case "replica" -> Jdbc.openReplica(data.replica().toUri().toString(), CACHE_BYTES);
      case "driver" ->
          DriverManager.getConnection(
              "jdbc:litestream:" + data.replica().toUri() + "?cache_bytes=" + CACHE_BYTES);
      case "local" -> DriverManager.getConnection("jdbc:sqlite:" + file);
      default -> DriverManager.getConnection("jdbc:sqlite:" + file.toUri() + "?immutable=1");
    };
  }

  @TearDown
  public void close() throws SQLException {
    connection.close();
  }

  /** One of 200 rows. */
  @Benchmark
  public String hotLookup() throws SQLException {
    return Jdbc.lookup(lookup, data.hot(random.nextInt(Sample.HOT_ROWS)));
  }

  /** One of all rows: more pages than SQLite's own cache of 2 MB holds. */
  @Benchmark
  public String randomLookup() throws SQLException {
    return Jdbc.lookup(lookup, 1 + random.nextInt(data.table().rows()));
  }

  /** All rows. */
  @Benchmark
  public long fullScan() throws SQLException {
    return Jdbc.scan(scan);
  }
}

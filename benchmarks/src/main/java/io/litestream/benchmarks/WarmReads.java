package io.litestream.benchmarks;

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
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls open() before all else
public class WarmReads {

  private static final int HOT_ROWS = 200;

  /** More than the database, so that the cache never evicts. */
  private static final long CACHE_BYTES = 128L << 20;

  /**
   * What is read; "driver" is the replica through jdbc:litestream:, "local-immutable" a file that
   * SQLite neither locks nor checks.
   */
  @Param({"replica", "driver", "local", "local-immutable"})
  public String source;

  private Connection connection;
  private PreparedStatement lookup;
  private PreparedStatement scan;
  private int[] hot;
  private Random random;
  private int next;

  @Setup
  public void open() throws Exception {
    Dataset data = Dataset.get();
    Jdbc.load();
    connection = connect(data);
    lookup = connection.prepareStatement(Jdbc.LOOKUP);
    scan = connection.prepareStatement(Jdbc.SCAN);
    random = new Random(1);
    hot = random.ints(HOT_ROWS, 1, Dataset.ROWS + 1).toArray();
    Jdbc.scan(scan);
  }

  private Connection connect(Dataset data) throws SQLException {
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
    next = (next + 1) % HOT_ROWS;
    return Jdbc.lookup(lookup, hot[next]);
  }

  /** One of all rows: more pages than SQLite's own cache of 2 MB holds. */
  @Benchmark
  public String randomLookup() throws SQLException {
    return Jdbc.lookup(lookup, 1 + random.nextInt(Dataset.ROWS));
  }

  /** All rows. */
  @Benchmark
  public long fullScan() throws SQLException {
    return Jdbc.scan(scan);
  }
}

package io.litestream.benchmarks;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.SampleTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
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
 * Lookups of cached rows while a primary commits, and while it does not: what following costs those
 * who read. The percentiles are what to look at.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 4)
@SuppressWarnings("NullAway.Init") // JMH calls open() before all else
public class FollowReads {

  private static final long CACHE_BYTES = 200L << 20;

  /** Transactions of the primary. */
  @Param({"0", "20"})
  public int perSecond;

  private Sample sample;
  private CommittingPrimary primary;
  private Connection connection;
  private PreparedStatement lookup;
  private Random random;

  @Setup
  public void open() throws Exception {
    Path directory = Path.of(System.getProperty("benchmark.data", "target/data"));
    sample = Sample.in(directory, SampleTable.SMALL, Sample.Shape.SNAP);
    primary = new CommittingPrimary(sample, perSecond);
    Jdbc.load();
    connection = Jdbc.openReplica(primary.url(), CACHE_BYTES, "poll_interval=50ms");
    Jdbc.scan(connection.prepareStatement("SELECT sum(length(v)) FROM t"));
    lookup = connection.prepareStatement("SELECT v FROM t WHERE id = ?");
    random = new Random(1);
  }

  @TearDown
  public void close() throws Exception {
    connection.close();
    primary.close();
  }

  /** One of 200 rows. */
  @Benchmark
  public String hotLookup() throws Exception {
    return Jdbc.lookup(lookup, sample.hot(random.nextInt(Sample.HOT_ROWS)));
  }
}

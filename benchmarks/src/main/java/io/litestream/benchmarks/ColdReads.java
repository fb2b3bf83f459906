package io.litestream.benchmarks;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Reads whose pages come from the store: every invocation has a replica that this process has never
 * seen.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
@SuppressWarnings("NullAway.Init") // JMH calls prepare() before all else
public class ColdReads {

  private static final int LOOKUPS = 20;

  /** Where the replica is. */
  @Param({"file", "s3"})
  public String store;

  /** Budget of the page cache in MB: less than a scan would read ahead, and more than all pages. */
  @Param({"1", "64"})
  public int cacheMb;

  private Place place;
  private Random random;
  private Connection connection;

  /** What the measured invocations asked of the store: the sum of all, as JMH prints it. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Requests {
    public long lists;
    public long reads;
    public long probes;
    public long kilobytes;

    private StoreRequests before = Litestream.storeRequests();

    @Setup(Level.Iteration)
    public void reset() {
      before = Litestream.storeRequests();
      lists = 0;
      reads = 0;
      probes = 0;
      kilobytes = 0;
    }

    void count() {
      StoreRequests all = Litestream.storeRequests().since(before);
      lists = all.lists();
      reads = all.reads();
      probes = all.probes();
      kilobytes = all.bytes() / 1024;
    }
  }

  @Setup
  public void prepare() throws Exception {
    Dataset data = Dataset.get();
    Jdbc.load();
    place = store.equals("file") ? Place.directory(data) : Place.bucket(data);
    random = new Random(1);
  }

  /** The server's threads would keep the fork alive. */
  @TearDown
  public void leave() {
    if (!store.equals("file")) {
      TestServers.any().close();
    }
  }

  private Connection connect() throws SQLException {
    connection = Jdbc.openReplica(place.url(), (long) cacheMb << 20);
    return connection;
  }

  @TearDown(Level.Invocation)
  public void forget() throws SQLException {
    connection.close();
    Replicas.retireUnused();
  }

  /** From nothing to the first row. */
  @Benchmark
  public String openAndLookup(Requests requests) throws SQLException {
    return lookups(requests, 1);
  }

  /** The same with 20 rows from everywhere. */
  @Benchmark
  public String openAndTwentyLookups(Requests requests) throws SQLException {
    return lookups(requests, LOOKUPS);
  }

  private String lookups(Requests requests, int count) throws SQLException {
    String name = "";
    try (PreparedStatement lookup = connect().prepareStatement(Jdbc.LOOKUP)) {
      for (int i = 0; i < count; i++) {
        name = Jdbc.lookup(lookup, 1 + random.nextInt(Dataset.ROWS));
      }
    }
    requests.count();
    return name;
  }

  /** The same with all rows. */
  @Benchmark
  public long openAndScan(Requests requests) throws SQLException {
    try (PreparedStatement scan = connect().prepareStatement(Jdbc.SCAN)) {
      long length = Jdbc.scan(scan);
      requests.count();
      return length;
    }
  }
}

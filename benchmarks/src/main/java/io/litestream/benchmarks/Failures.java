package io.litestream.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

/** Statements that fail, whose exceptions the driver translates and sqlite-jdbc does not. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls open() before all else
public class Failures {

  private static final long CACHE_BYTES = 128L << 20;

  /** The same replica through jdbc:sqlite: and through jdbc:litestream:. */
  @Param({"replica", "driver"})
  public String source;

  private Connection connection;
  private Statement statement;
  private PreparedStatement overflow;

  @Setup
  public void open() throws Exception {
    Dataset data = Dataset.get();
    Jdbc.load();
    String url = data.replica().toUri().toString();
    connection =
        source.equals("replica")
            ? Jdbc.openReplica(url, CACHE_BYTES)
            : DriverManager.getConnection("jdbc:litestream:" + url);
    statement = connection.createStatement();
    overflow = connection.prepareStatement("SELECT abs(-9223372036854775807 - ?)");
    overflow.setInt(1, 1);
  }

  @TearDown
  public void close() throws SQLException {
    connection.close();
  }

  /** SQL that does not compile. */
  @Benchmark
  public SQLException syntax() {
    try {
      return unexpected(statement.execute("SELECT FROM"));
    } catch (SQLException e) {
      return e;
    }
  }

  /** A prepared statement that fails when it runs. */
  @Benchmark
  public SQLException overflow() {
    try (ResultSet row = overflow.executeQuery()) {
      return unexpected(row.next());
    } catch (SQLException e) {
      return e;
    }
  }

  /** What a framework without a read-only mode does. */
  @Benchmark
  public SQLException write() {
    try {
      return unexpected(statement.execute("DELETE FROM item"));
    } catch (SQLException e) {
      return e;
    }
  }

  private static SQLException unexpected(boolean rows) {
    throw new IllegalStateException("the statement succeeded, rows: " + rows);
  }
}

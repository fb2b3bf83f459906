package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Whatever waits for a store that stalls can be stopped in every way there is. The times until the
 * waiting thread is told are printed; {@code -Dlitestream.cancel.rounds=20} measures more of them.
 */
@ExtendWith({LeakCheck.class, S3.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3CancelTest {

  private static final int ROUNDS = Integer.getInteger("litestream.cancel.rounds", 1);

  /** Generous, for busy machines. */
  private static final long LIMIT_SECONDS = 20;

  /** What ends a request that nobody waits for any more. */
  private static final String LIMITS = "poll_interval=1h&request_timeout=4s";

  /** Where a connection can wait for the store. */
  enum Place {
    QUERY {
      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        test.stall();
        statement.executeQuery("SELECT sum(length(x)) FROM t").close();
      }
    },
    NEXT {
      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT x FROM t")) {
          test.stall();
          while (rows.next()) {
            continue;
          }
        }
      }
    },
    PREPARED {
      @Override
      Statement statement(Connection db) throws SQLException {
        return db.prepareStatement("SELECT sum(length(x)) FROM t WHERE k > ?");
      }

      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        PreparedStatement prepared = (PreparedStatement) statement;
        prepared.setInt(1, 5);
        test.stall();
        prepared.executeQuery().close();
      }
    },
    TRAVEL {
      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        String time = test.primary().time(2).toString();
        test.stall();
        statement.execute("PRAGMA litestream_time = '" + time + "'");
      }
    },
    HISTORY {
      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        test.stall();
        statement.executeQuery("SELECT * FROM litestream_history").close();
      }
    },
    ATTACH {
      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        String uri = Sql.name(test.location("other"), LIMITS);
        test.stall();
        statement.execute("ATTACH '" + uri + "' AS other");
      }
    },
    REFRESH {
      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        test.stall();
        Litestream.refresh(db);
      }
    },
    AWAIT {
      @Override
      void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException {
        test.stall();
        assertThat(Litestream.await(db, "99", Duration.ofMinutes(5))).isFalse();
      }
    };

    Statement statement(Connection db) throws SQLException {
      return db.createStatement();
    }

    /** Waits for the store until it is stopped. */
    abstract void wait(S3CancelTest test, Connection db, Statement statement) throws SQLException;
  }

  /** How a wait is stopped, and what the thread that waited is told. */
  enum Way {
    CANCEL("57014") {
      @Override
      void stop(Thread thread, Connection db, Statement statement) throws SQLException {
        statement.cancel();
      }
    },
    CLOSE_STATEMENT("57014") {
      @Override
      void stop(Thread thread, Connection db, Statement statement) throws SQLException {
        statement.close();
      }
    },
    INTERRUPT("57014") {
      @Override
      void stop(Thread thread, Connection db, Statement statement) {
        thread.interrupt();
      }
    },
    CLOSE("08003") {
      @Override
      void stop(Thread thread, Connection db, Statement statement) throws SQLException {
        db.close();
      }
    },
    ABORT("08003") {
      @Override
      void stop(Thread thread, Connection db, Statement statement) throws SQLException {
        db.abort(Thread::startVirtualThread);
      }
    },
    QUERY_TIMEOUT("HYT00") {
      @Override
      void prepare(Statement statement) throws SQLException {
        statement.setQueryTimeout(1);
      }
    },
    NETWORK_TIMEOUT("HYT00") {
      @Override
      void prepare(Statement statement) throws SQLException {
        statement.getConnection().setNetworkTimeout(Runnable::run, 500);
      }
    };

    private final String state;

    Way(String state) {
      this.state = state;
    }

    void prepare(Statement statement) throws SQLException {}

    void stop(Thread thread, Connection db, Statement statement) throws SQLException {}
  }

  /** Those for what waits by no statement, and has a timeout of its own. */
  private static final Set<Way> WITHOUT_STATEMENT = Set.of(Way.INTERRUPT, Way.CLOSE, Way.ABORT);

  private final Map<String, List<Long>> times = new TreeMap<>();
  private volatile CountDownLatch stalled = new CountDownLatch(0);
  private volatile boolean stalls;
  private SqlitePrimary primary;
  private String bucket;
  private FaultProxy proxy;
  private Connection keeper;

  @BeforeAll
  void start(@TempDir Path temp) throws Exception {
    bucket = TestServers.newBucket();
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, x BLOB)");
    primary.run("INSERT INTO t SELECT n, randomblob(900) FROM (" + Sql.numbers(1, 1500) + ")");
    primary.run("DELETE FROM t WHERE k = 1");
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "app", primary);
    }
  }

  @AfterAll
  void stop() throws SQLException {
    primary.close();
    times.forEach(
        (what, all) -> {
          List<Long> sorted = all.stream().sorted().toList();
          System.out.printf(
              "%-26s ms: min %d, median %d, max %d of %d%n",
              what,
              sorted.getFirst(),
              sorted.get(sorted.size() / 2),
              sorted.getLast(),
              sorted.size());
        });
  }

  /**
   * Through a proxy of its own a replica is another one: nothing is in the cache, and no request
   * that has stalled before keeps those waiting who need the same bytes.
   */
  @BeforeEach
  void open() throws SQLException {
    stalls = false;
    proxy = FaultProxy.before(S3.server().endpoint());
    proxy.faults(
        request -> {
          if (!stalls) {
            return Fault.NONE;
          }
          stalled.countDown();
          return new Fault.Stall();
        });
    keeper = connect(); // so that other connections to it open without a request
  }

  @AfterEach
  void close() throws SQLException {
    keeper.close();
    proxy.close();
  }

  SqlitePrimary primary() {
    return primary;
  }

  /** From now on no answer comes whole. */
  void stall() {
    stalled = new CountDownLatch(1);
    stalls = true;
  }

  private String location(String place) {
    return S3.server().replicaUrl(proxy.endpoint(), bucket, place);
  }

  private Connection connect(String... parameters) throws SQLException {
    String url = "jdbc:litestream:" + location("app") + "&" + LIMITS;
    return DriverManager.getConnection(
        String.join("&", Stream.concat(Stream.of(url), Stream.of(parameters)).toList()));
  }

  private interface Waiting {
    void run() throws Exception;
  }

  private interface Stopping {
    void stop(Thread thread) throws Exception;
  }

  /** What waiting ends with, once it waits for the store and is then stopped. */
  private SQLException stopped(String what, Waiting waiting, Stopping stop) throws Exception {
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              waiting.run();
              return true;
            });
    CountDownLatch before = stalled;
    Thread thread = Thread.ofPlatform().start(task);
    while (stalled == before) {
      assertThat(task).as("what waits, before it waits for the store").isNotDone();
      Thread.onSpinWait();
    }
    assertThat(stalled.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    long start = System.nanoTime();
    stop.stop(thread);
    try {
      task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException told) {
        long millis = (System.nanoTime() - start) / 1_000_000;
        times.computeIfAbsent(what, key -> new ArrayList<>()).add(millis);
        return told;
      }
      throw e;
    } finally {
      stalls = false;
    }
    throw new AssertionError(what + " ended by itself");
  }

  static IntStream rounds() {
    return IntStream.range(0, ROUNDS);
  }

  static Stream<Arguments> combinations() {
    return rounds().boxed().flatMap(round -> combinations(round));
  }

  private static Stream<Arguments> combinations(int round) {
    return Stream.of(Place.values())
        .flatMap(
            place ->
                Stream.of(Way.values())
                    .filter(
                        way ->
                            WITHOUT_STATEMENT.contains(way)
                                || (place != Place.REFRESH && place != Place.AWAIT))
                    .map(way -> Arguments.of(place, way, round)));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void stopsWhatWaits(Place place, Way way, int round) throws Exception {
    try (Connection db = connect();
        Statement statement = place.statement(db)) {
      way.prepare(statement);
      SQLException told =
          stopped(
              place + " " + way,
              () -> {
                try {
                  place.wait(this, db, statement);
                } finally {
                  assertThat(Thread.interrupted()).isEqualTo(way == Way.INTERRUPT);
                }
              },
              thread -> way.stop(thread, db, statement));
      assertThat(told.getSQLState()).as("%s", told).isEqualTo(way.state);
      if (!way.state.equals("08003")) {
        db.setNetworkTimeout(Runnable::run, 0);
        assertThat(Sql.one(db, "SELECT x IS NULL FROM t WHERE k = 1400")).isEqualTo("0");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rounds")
  void interruptOfAnOpen(int round) throws Exception {
    String url = "jdbc:litestream:" + location("new") + "&" + LIMITS;
    SQLException told =
        stopped(
            "OPEN INTERRUPT",
            () -> {
              stall();
              try (Connection db = DriverManager.getConnection(url)) {
                throw new AssertionError("opened: " + db);
              } finally {
                assertThat(Thread.interrupted()).isTrue();
              }
            },
            Thread::interrupt);
    assertThat(told.getSQLState()).isEqualTo("57014");
  }

  @ParameterizedTest
  @MethodSource("rounds")
  void readsThatAreTooStaleToBegin(int round) throws Exception {
    try (Connection db = connect("max_stale=1ms");
        Statement statement = db.createStatement()) {
      SQLException told =
          stopped(
              "STALE CANCEL",
              () -> Place.QUERY.wait(this, db, statement),
              thread -> statement.cancel());
      assertThat(told.getSQLState()).isEqualTo("57014");
    }
  }

  /** The old way: sqlite-jdbc's own connection, which can cancel and has request_timeout. */
  @ParameterizedTest
  @MethodSource("rounds")
  void plainConnections(int round) throws Exception {
    try (Connection plain = Sql.open(location("app"), LIMITS);
        Statement statement = plain.createStatement()) {
      SQLException told =
          stopped(
              "PLAIN CANCEL",
              () -> Place.QUERY.wait(this, plain, statement),
              thread -> statement.cancel());
      assertThat((Throwable) told).hasMessageContaining("INTERRUPT");
    }
  }

  @Test
  void requestTimeoutBoundsPlainConnections() throws Exception {
    String other = TestServers.newBucket(); // what is open already keeps its timeout
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, other, "app", primary);
    }
    String place = S3.server().replicaUrl(proxy.endpoint(), other, "app");
    try (Connection plain = Sql.open(place, "request_timeout=1s", "poll_interval=1h");
        Statement statement = plain.createStatement()) {
      SQLException told =
          stopped(
              "PLAIN request_timeout=1s",
              () -> Place.QUERY.wait(this, plain, statement),
              thread -> {});
      assertThat((Throwable) told).hasMessageContaining("disk I/O error");
      assertThat(Sql.one(plain, "PRAGMA litestream_last_error")).contains("no answer within");
    }
  }
}

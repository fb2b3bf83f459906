package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.jdbc.store.LtxName;
import io.litestream.testkit.data.FormulaDatabase;
import io.litestream.testkit.data.FormulaSnapshot;
import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.data.SampleTable;
import io.litestream.testkit.server.Answered;
import io.litestream.testkit.server.Request.Kind;
import io.litestream.testkit.server.S3Stub;
import io.litestream.testkit.server.StubObject;
import io.litestream.testkit.server.Traffic;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What operations ask of S3 where nothing is cached, on the replicas that the published figures are
 * measured on: 96 MB as one snapshot, and after twenty hours of a transaction a second.
 */
@ExtendWith(LeakCheck.class)
class RequestsTest {

  private static final String ID = "aws.accessKeyId";
  private static final String SECRET = "aws.secretAccessKey";
  private static final int ROWS = SampleTable.SMALL.rows();
  private static final int ANY_ROW = 100_001;

  /** Kept, as one takes longer to make than all tests on it do. */
  static final Path SAMPLES = Path.of("target/samples");

  /** Nothing in the background. */
  private static final String QUIET = FixturesTest.NO_POLLS + "&hydration_enabled=false";

  /**
   * On an idle machine 33 to 36. Where threads are kept waiting, a few ranges are asked for in
   * parts; without read-ahead there are 390.
   */
  private static final int SCAN = 80;

  /** So many of readers, and the database is brought in the background. */
  private static final int MISSES = 12;

  /** On an idle machine 51.2, and more than 54 on a busy one; read twice, it would be 102. */
  private static final int SCAN_MEGABYTES = 75;

  private static S3Stub stub;
  private static Sample snap;
  private static Sample steady;

  @BeforeAll
  static void serve() {
    snap = Sample.in(SAMPLES, SampleTable.SMALL, Shape.SNAP);
    steady = Sample.in(SAMPLES, SampleTable.SMALL, Shape.STEADY);
    stub = S3Stub.start();
    System.setProperty(ID, stub.accessKey());
    System.setProperty(SECRET, stub.secretKey());
  }

  @AfterAll
  static void stop() {
    System.clearProperty(ID);
    System.clearProperty(SECRET);
    stub.close();
  }

  @BeforeEach
  void fill() {
    stub.serve("snap", StubObject.files(snap.replica(), "db/"));
    stub.serve("steady", StubObject.files(steady.replica(), "db/"));
    stub.reset();
  }

  @AfterEach
  void forget() {
    Replicas.retireUnused();
    // What a statement had asked for ahead may still be under way, and would count in the next
    // test.
    Await.until(() -> assertThat(NativeCore.stats().files()).isZero());
    long limit = NativeCore.stats().cacheLimit();
    NativeCore.cacheLimit(0);
    NativeCore.cacheLimit(limit);
  }

  private static Connection open(String bucket, String... parameters) throws SQLException {
    List<String> all = new ArrayList<>(List.of(parameters));
    all.add("hedging=false");
    all.add("open_timeout=1m"); // the first of a JVM takes long
    Connection db = Sql.open(stub.replicaUrl(bucket, "db"), all.toArray(String[]::new));
    assertRow(db, ANY_ROW);
    return db;
  }

  private static void assertRow(Connection db, int id) throws SQLException {
    try (PreparedStatement lookup = db.prepareStatement("SELECT v FROM t WHERE id = ?")) {
      lookup.setInt(1, id);
      try (ResultSet row = lookup.executeQuery()) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1)).isEqualTo(SampleTable.v(id, 0));
      }
    }
  }

  private static void assertAtMost(long gets, long lists, double megabytes) {
    Traffic traffic = stub.traffic();
    assertThat(traffic.count(Kind.GET)).as("GET").isLessThanOrEqualTo(gets);
    assertThat(traffic.count(Kind.LIST)).as("LIST").isLessThanOrEqualTo(lists);
    assertThat(traffic.count(Kind.HEAD)).as("HEAD").isZero();
    assertThat(traffic.toClient() / 1e6).as("megabytes").isLessThanOrEqualTo(megabytes);
    stub.reset();
  }

  /** Leaves out what brings no bytes: the last look of a replica that was closed may come late. */
  private static void assertReadAtMost(long gets, double megabytes) {
    List<Answered> reads = stub.requests().stream().filter(r -> r.bytes() > 0).toList();
    assertThat(reads).hasSizeLessThanOrEqualTo((int) gets);
    assertThat(reads.stream().mapToLong(Answered::bytes).sum() / 1e6)
        .isLessThanOrEqualTo(megabytes);
    stub.reset();
  }

  private static void assertNone() {
    assertAtMost(0, 0, 0);
  }

  @Test
  void openingASnapshot() throws SQLException {
    try (Connection first = open("snap", QUIET)) {
      assertAtMost(4, 10, 0.6);
      try (Connection second = open("snap", QUIET)) {
        assertNone();
      }
    }
  }

  @Test
  void openingASteadyReplica() throws SQLException {
    try (Connection first = open("steady", QUIET)) {
      assertAtMost(110, 15, 6);
      try (Connection second = open("steady", QUIET)) {
        assertNone();
      }
    }
  }

  /**
   * The page index, of 3 and of 282 MB, is read where it is needed. Each of the reader's waits is
   * one round trip after LIST and the file's ends: four in all for the first row.
   */
  @ParameterizedTest
  @ValueSource(longs = {1_000_000_000L, 100_000_000_000L})
  void openingAHugeSnapshot(long bytes) throws SQLException {
    FormulaDatabase database = FormulaDatabase.ofSize(bytes);
    FormulaSnapshot snapshot = FormulaSnapshot.unchecked(database);
    stub.serve("huge", new TreeMap<>(Map.of("db/" + FormulaSnapshot.KEY, snapshot)));
    long waits = NativeCore.stats().fetches();
    try (Connection db = open("huge", QUIET)) {
      assertThat(NativeCore.stats().fetches() - waits).isLessThanOrEqualTo(2);
      assertThat(NativeCore.stats().indexBytes()).isLessThan(1_000_000);
      assertReadAtMost(6, 1);
      int rows = (int) database.rows();
      for (int row : new int[] {1, rows / 3, rows / 10 * 7, rows - 1, rows}) {
        assertRow(db, row);
      }
      assertReadAtMost(5 * 8, 5);
      assertThat(Sql.one(db, "SELECT id FROM t WHERE k=" + database.k(ANY_ROW)))
          .isEqualTo("" + ANY_ROW);
      assertThat(
              Sql.one(db, "SELECT sum(length(v)) / 430 FROM t WHERE id BETWEEN 900001 AND 910000"))
          .isEqualTo("10000");
      assertThat(NativeCore.stats().indexBytes()).isLessThan(1_000_000);
    }
  }

  @Test
  void aHundredRandomRows() throws SQLException {
    try (Connection db = open("snap", QUIET)) {
      stub.reset();
      Random random = new Random(5);
      for (int i = 0; i < 100; i++) {
        assertRow(db, 1 + random.nextInt(ROWS));
      }
      assertAtMost(125, 0, 20);
    }
  }

  /** The rows of a dozen misses with their inner pages, then all pages, then nothing. */
  @Test
  void aHundredRandomRowsWhileTheDatabaseComesInTheBackground() throws SQLException {
    try (Connection db = open("snap", FixturesTest.NO_POLLS, "cache_bytes=256MB")) {
      stub.reset();
      Random random = new Random(5);
      for (int i = 0; i < MISSES; i++) {
        assertRow(db, 1 + random.nextInt(ROWS));
      }
      Await.until(
          () -> assertThat(Sql.one(db, "PRAGMA litestream_hydration_progress")).isEqualTo("100.0"));
      for (int i = MISSES; i < 100; i++) {
        assertRow(db, 1 + random.nextInt(ROWS));
      }
      assertAtMost(40, 0, 60);
    }
  }

  @Test
  void neighboursInTheTable() throws SQLException {
    try (Connection db = open("snap", QUIET)) {
      stub.reset();
      assertThat(Sql.one(db, "SELECT sum(length(v)) / 430 FROM t WHERE id BETWEEN 70000 AND 74999"))
          .isEqualTo("5000");
      assertAtMost(8, 0, 4);
    }
  }

  /** An index of three levels, and for each row an inner page and a leaf. */
  @Test
  void sixRowsByIndex() throws SQLException {
    try (Connection db = open("snap", QUIET)) {
      stub.reset();
      assertRowsByIndex(db, 6);
      assertAtMost(3 + 6 * 2 + 2, 0, 1);
    }
  }

  @Test
  void fiveHundredRowsByIndex() throws SQLException {
    try (Connection db = open("snap", QUIET)) {
      stub.reset();
      assertRowsByIndex(db, 500);
      assertAtMost(400, 0, 8);
    }
  }

  /**
   * Nearly every row has an inner page of its own, and the page index is read in parts. Where each
   * row is waited for, it costs a lookup's 128 KB: 63 MB in all. A slow machine asks for some
   * pieces of the page index twice.
   */
  @Test
  void fiveHundredRowsByIndexOfAHugeSnapshot() throws SQLException {
    FormulaDatabase database = FormulaDatabase.ofSize(1_000_000_000L);
    FormulaSnapshot snapshot = FormulaSnapshot.unchecked(database);
    stub.serve("huge", new TreeMap<>(Map.of("db/" + FormulaSnapshot.KEY, snapshot)));
    try (Connection db = open("huge", QUIET)) {
      stub.reset();
      long first = database.rows() / 3;
      String range = first + " AND " + (first + 499);
      assertThat(Sql.one(db, "SELECT count(v) FROM t WHERE k BETWEEN " + range)).isEqualTo("500");
      assertReadAtMost(1_200, 24);
    }
  }

  private static void assertRowsByIndex(Connection db, int rows) throws SQLException {
    int first = ROWS / 3;
    String range = first + " AND " + (first + rows - 1);
    assertThat(Sql.one(db, "SELECT count(v) FROM t WHERE k BETWEEN " + range)).isEqualTo("" + rows);
  }

  @Test
  void inTheBackground() throws SQLException {
    try (Connection db =
        open("snap", FixturesTest.NO_POLLS, "hydration_enabled=true", "cache_bytes=256MB")) {
      Sql.awaitPages(db);
      assertAtMost(4 + 16, 10, 54);
      // Two ranges may still be on their way into the cache; a reader does not wait for them.
      assertThat(Sql.one(db, "SELECT sum(length(v)) / 430 FROM t")).isEqualTo("" + ROWS);
      assertAtMost(16, 0, 9);
      assertThat(Sql.one(db, "SELECT sum(length(v)) / 430 FROM t")).isEqualTo("" + ROWS);
      assertNone();
    }
  }

  @Test
  void allRows() throws SQLException {
    try (Connection db = open("snap", QUIET)) {
      stub.reset();
      assertThat(Sql.one(db, "SELECT sum(length(v)) / 430 FROM t")).isEqualTo("" + ROWS);
      assertAtMost(SCAN, 0, SCAN_MEGABYTES);
    }
  }

  @Test
  void timeTravel() throws SQLException {
    Instant past = Sample.committed(Sample.TRANSACTIONS).minus(Duration.ofMinutes(30));
    try (Connection db = open("steady", QUIET)) {
      stub.reset();
      Sql.travel(db, past.toString());
      assertRow(db, ANY_ROW);
      assertThat(Sql.txid(db)).isEqualTo(Sample.txid(Sample.TRANSACTIONS - 1801));
      assertAtMost(25, 3, 1);
      Sql.travel(db, "LATEST");
      assertRow(db, ANY_ROW);
      assertNone();
      Sql.travel(db, past.toString());
      assertRow(db, ANY_ROW);
      assertNone();
    }
  }

  @Test
  void aTransactionBecomesVisibleByOneRequestAndCostsNoMoreAfterwards() throws SQLException {
    NavigableMap<String, StubObject> objects =
        new ConcurrentSkipListMap<>(StubObject.files(steady.replica(), "db/"));
    stub.serve("steady", objects);
    try (Connection db = open("steady", "hydration_enabled=false")) {
      for (int i = 0; i < Sample.HOT_ROWS; i++) {
        assertThat(Sql.one(db, "SELECT length(v) FROM t WHERE id=" + steady.hot(i)))
            .isEqualTo("430");
      }
      int transaction = Sample.TRANSACTIONS;
      assertRow(db, ROWS + transaction);
      stub.reset();
      for (var later : StubObject.files(steady.later(), "db/").entrySet()) {
        objects.put(later.getKey(), later.getValue());
        Sql.await(db, Sample.txid(++transaction));
        assertRow(db, ROWS + transaction);
      }
      assertThat(transaction).isEqualTo(Sample.TRANSACTIONS + Sample.LATER);
      assertThat(stub.requests().stream().filter(r -> r.bytes() > 1))
          .allMatch(r -> r.target().startsWith("db/0000/"))
          .hasSize(Sample.LATER);
      // A byte: whether the snapshot is still the same, with each listing of ten levels, and where
      // the WAL has begun anew.
      long listings = stub.traffic().count(Kind.LIST) / LtxName.LEVELS;
      assertThat(stub.requests().stream().filter(r -> r.bytes() == 1))
          .hasSizeLessThanOrEqualTo((int) listings + 2);
    }
  }
}

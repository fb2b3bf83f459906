package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.data.SampleTable;
import io.litestream.testkit.ltx.Listed;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.RestorePlan;
import io.litestream.testkit.server.Request.Kind;
import io.litestream.testkit.server.S3Stub;
import io.litestream.testkit.server.StubObject;
import io.litestream.testkit.server.Traffic;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Travels in a replica of twenty hours and 2,958 objects, right after an open that has listed only
 * what it needed: each shows what a restore would, and asks for little.
 */
@ExtendWith(LeakCheck.class)
class PastRequestsTest {

  private static final String ID = "aws.accessKeyId";
  private static final String SECRET = "aws.secretAccessKey";
  private static final int TIMESTAMP_AT = 32;
  private static final Instant NEWEST = Sample.committed(Sample.TRANSACTIONS);

  /**
   * Of what an hour and more ago was there, an open has read nothing below level 3: two requests
   * each for eleven files of level 2, one each for nine of level 1, and headers.
   */
  private static final int OLD_GETS = 36;

  /** A file with the time in its header. */
  private record Dated(LtxKey key, long createdMs) implements Listed {}

  private static S3Stub stub;
  private static List<Dated> files;

  @BeforeAll
  static void serve() throws IOException {
    Sample steady = Sample.in(RequestsTest.SAMPLES, SampleTable.SMALL, Shape.STEADY);
    try (Stream<Path> all = Files.walk(steady.replica())) {
      files = all.map(PastRequestsTest::dated).flatMap(Optional::stream).toList();
    }
    stub = S3Stub.start();
    stub.serve("steady", StubObject.files(steady.replica(), "db/"));
    System.setProperty(ID, stub.accessKey());
    System.setProperty(SECRET, stub.secretKey());
  }

  private static Optional<Dated> dated(Path file) {
    return LtxKey.parse(file.toString()).map(key -> new Dated(key, timestamp(file)));
  }

  private static long timestamp(Path file) {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      in.skipNBytes(TIMESTAMP_AT);
      return in.readLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void stop() {
    System.clearProperty(ID);
    System.clearProperty(SECRET);
    stub.close();
  }

  @AfterEach
  void forget() {
    Replicas.retireUnused();
    long limit = NativeCore.stats().cacheLimit();
    NativeCore.cacheLimit(0);
    NativeCore.cacheLimit(limit);
  }

  private static Connection open() throws SQLException {
    Connection db =
        Sql.open(
            stub.replicaUrl("steady", "db"),
            FixturesTest.NO_POLLS,
            "hydration_enabled=false",
            "hedging=false",
            "open_timeout=1m"); // the first of a JVM takes long
    stub.reset();
    return db;
  }

  private static void assertAtMost(long gets, long lists) {
    Traffic traffic = stub.traffic();
    assertThat(traffic.count(Kind.GET)).as("GET").isLessThanOrEqualTo(gets);
    assertThat(traffic.count(Kind.LIST)).as("LIST").isLessThanOrEqualTo(lists);
    assertThat(traffic.count(Kind.HEAD)).as("HEAD").isZero();
    stub.reset();
  }

  private static void assertTravels(Connection db, Instant instant) throws SQLException {
    Sql.travel(db, instant.toString());
    long expected = RestorePlan.before(files, instant.toEpochMilli()).getLast().key().maxTxid();
    assertThat(Sql.txid(db)).as("%s", instant).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 25",
    "100, 25",
    "301, 25",
    "1000, 25",
    "1799, 25",
    "1817, 25",
    "3700, " + OLD_GETS,
    "11111, " + OLD_GETS,
    "40000, " + OLD_GETS,
    "71000, " + OLD_GETS
  })
  void toAnInstant(int secondsAgo, int gets) throws SQLException {
    Instant instant = NEWEST.minusSeconds(secondsAgo).plusMillis(1);
    try (Connection db = open()) {
      assertTravels(db, instant);
      assertAtMost(gets, 3);
      assertTravels(db, instant);
      assertAtMost(0, 0);
    }
  }

  @Test
  void toOneAfterAnother() throws SQLException {
    try (Connection db = open()) {
      for (int minutes = 1; minutes < 1_200; minutes += 97) {
        assertTravels(db, NEWEST.minus(Duration.ofMinutes(minutes)));
        assertAtMost(OLD_GETS, 3);
      }
    }
  }

  @Test
  void toATxid() throws SQLException {
    for (int transaction : new int[] {30, 30 * 700, Sample.TRANSACTIONS - 10}) {
      try (Connection db = open()) {
        Sql.run(db, "PRAGMA litestream_txid='%016x'".formatted(Sample.txid(transaction)));
        assertThat(Sql.txid(db)).isEqualTo(Sample.txid(transaction));
        assertAtMost(30, 3);
      }
    }
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamStats;
import io.litestream.jdbc.LitestreamStats.OpenReplica;
import io.litestream.jdbc.LitestreamStats.Requests;
import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.micrometer.LitestreamMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the library tells about itself while connections read. */
@ExtendWith(LeakCheck.class)
@DisplayName("C-51: events, figures and metrics")
class ObservabilityTest {

  /** Larger than what is fetched whole at the open, so that reads fetch. */
  private static final int ROWS = 3_000;

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 4096);
    primary.maintain("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, hex(randomblob(200)) FROM (" + Sql.numbers(1, ROWS) + ")");
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  @Test
  void eachKindOfEventIsRecorded() throws Exception {
    Path file = temp.resolve("events.jfr");
    long last;
    try (Recording recording = new Recording()) {
      for (String event : List.of("PageFetch", "RangeRead", "Refresh", "Open", "Travel")) {
        recording.enable("io.litestream." + event).withoutThreshold();
      }
      recording.start();
      try (Connection db = Sql.open(primary.replica())) {
        Sql.column(db, "SELECT v FROM t");
        last = primary.run("DELETE FROM t WHERE k = 1");
        Sql.await(db, last);
        Sql.travel(db, primary.time(last).toString());
        Sql.travel(db, "LATEST");
      }
      recording.stop();
      recording.dump(file);
    }
    Map<String, List<RecordedEvent>> events =
        RecordingFile.readAllEvents(file).stream()
            .collect(Collectors.groupingBy(e -> e.getEventType().getName()));
    assertThat(events)
        .containsOnlyKeys(
            "io.litestream.PageFetch",
            "io.litestream.RangeRead",
            "io.litestream.Refresh",
            "io.litestream.Open",
            "io.litestream.Travel");
    assertThat(events.values().stream().flatMap(List::stream))
        .allSatisfy(e -> assertThat(e.getString("replica")).endsWith(primary.replica().toString()))
        .allSatisfy(e -> assertThat(e.getString("outcome")).isIn("ok", "not_found"));
    assertThat(events.get("io.litestream.PageFetch"))
        // What another request brings comes without the rest; or not at all, if it is there by now.
        .allSatisfy(e -> assertThat(e.getLong("received")).isBetween(0L, (long) e.getInt("length")))
        .anySatisfy(e -> assertThat(e.getLong("received")).isEqualTo(e.getInt("length")));
    assertThat(txids(events, "Open")).containsExactly(last - 1);
    assertThat(txids(events, "Refresh")).contains(last);
    assertThat(txids(events, "Travel")).containsExactly(last - 1, 0L);
  }

  private static List<Long> txids(Map<String, List<RecordedEvent>> events, String event) {
    return events.getOrDefault("io.litestream." + event, List.of()).stream()
        .map(e -> e.getLong("txid"))
        .toList();
  }

  @Test
  void statsTellRequestsByOutcomeAndWhereEachReplicaStands() throws Exception {
    LitestreamStats before = Litestream.stats();
    StoreRequests requests = Litestream.storeRequests();
    try (Connection db = Sql.open(primary.replica())) {
      Sql.column(db, "SELECT v FROM t");
      Sql.column(db, "SELECT v FROM t");
      LitestreamStats stats = Litestream.stats();
      assertThat(stats.cache().hits()).isGreaterThan(before.cache().hits());
      assertThat(stats.cache().misses()).isGreaterThan(before.cache().misses());
      assertThat(stats.cache().bytes()).isBetween(1L, stats.cache().limit());
      assertThat(stats.receivedBytes()).isGreaterThan(before.receivedBytes());
      assertThat(stats.requests()).hasSameSizeAs(before.requests());
      assertThat(sum(stats) - sum(before))
          .isBetween(1L, Litestream.storeRequests().since(requests).requests());
      OpenReplica replica = stats.replicas().getFirst();
      assertThat(stats.replicas()).hasSize(1);
      assertThat(replica.place()).endsWith(primary.replica().toString());
      assertThat(replica.connections()).isEqualTo(1);
      assertThat(replica.txid()).isEqualTo(String.format("%016x", primary.txid()));
      assertThat(replica.commitTime()).isEqualTo(primary.time(primary.txid()));
      assertThat(replica.lag()).isNotNull().isGreaterThanOrEqualTo(Duration.ZERO);
      assertThat(replica.sinceLook()).isNotNull().isBetween(Duration.ZERO, Duration.ofMinutes(1));
    }
  }

  private static long sum(LitestreamStats stats) {
    return stats.requests().stream().mapToLong(Requests::count).sum();
  }

  @Test
  void metersShowTheSameFigures() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    new LitestreamMetrics().bindTo(registry);
    try (Connection db = Sql.open(primary.replica(), "poll_interval=1h")) {
      Sql.column(db, "SELECT v FROM t");
      assertThat(gauge(registry, "litestream.replicas")).isEqualTo(1);
      LitestreamStats stats = Litestream.stats();
      assertThat(counter(registry, "litestream.cache.hits")).isEqualTo(stats.cache().hits());
      assertThat(counter(registry, "litestream.cache.misses")).isEqualTo(stats.cache().misses());
      assertThat(counter(registry, "litestream.received")).isEqualTo(stats.receivedBytes());
      assertThat(counter(registry, "litestream.wasted")).isEqualTo(stats.cache().wastedBytes());
      assertThat(gauge(registry, "litestream.cache.size")).isEqualTo(stats.cache().bytes());
      assertThat(gauge(registry, "litestream.cache.limit")).isEqualTo(stats.cache().limit());
      assertThat(gauge(registry, "litestream.connections")).isEqualTo(1);
      assertThat(gauge(registry, "litestream.lag")).isNotNegative();
      assertThat(gauge(registry, "litestream.look.age")).isNotNegative();
      for (Requests series : stats.requests()) {
        assertThat(
                registry
                    .get("litestream.requests")
                    .tags("kind", series.kind(), "outcome", series.outcome())
                    .functionCounter()
                    .count())
            .isEqualTo(series.count());
      }
    }
  }

  private static double counter(SimpleMeterRegistry registry, String name) {
    return registry.get(name).functionCounter().count();
  }

  private static double gauge(SimpleMeterRegistry registry, String name) {
    return registry.get(name).gauge().value();
  }
}

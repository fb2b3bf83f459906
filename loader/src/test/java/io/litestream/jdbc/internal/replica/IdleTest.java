package io.litestream.jdbc.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeReader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.internal.store.Stores;
import io.litestream.jdbc.store.StoreException;
import io.litestream.testkit.ltx.LtxKey.Layout;
import io.litestream.testkit.model.ModelConfig;
import io.litestream.testkit.model.ModelPrimary;
import io.litestream.testkit.model.StoredObject;
import io.litestream.testkit.server.Request.Kind;
import io.litestream.testkit.server.S3Stub;
import io.litestream.testkit.server.StubObject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a process of many connections asks of S3 while nothing happens, second by second on a clock
 * that the test moves.
 */
class IdleTest {

  private static final String ID = "aws.accessKeyId";
  private static final String SECRET = "aws.secretAccessKey";
  private static final long DB_ID = Long.MAX_VALUE;
  private static final int CONNECTIONS = 20;
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int SECONDS_ALONE = 5;
  private static final int SECONDS_PER_LISTING = 15;

  private final S3Stub stub = S3Stub.start();
  private final NavigableMap<String, StubObject> objects = new ConcurrentSkipListMap<>();
  private final ModelPrimary primary = new ModelPrimary(5, ModelConfig.usual());
  private final List<NativeReader> connections = new ArrayList<>();
  private Replica replica;
  private Poller poller;

  /** The model's clock, and one thread: calls run when they are asked for. */
  private final class OneThread implements World {
    @Override
    public Instant now() {
      return Instant.ofEpochMilli(primary.nowMs());
    }

    @Override
    public <T> List<T> all(List<? extends StoreCall<T>> calls)
        throws StoreException, ReplicaException {
      List<T> results = new ArrayList<>();
      for (StoreCall<T> call : calls) {
        results.add(call.call());
      }
      return results;
    }

    @Override
    public <T> T await(
        String what, StoreCall<T> call, Duration timeout, BooleanSupplier interrupted)
        throws StoreException, ReplicaException {
      return call.call();
    }

    @Override
    public boolean concurrent() {
      return false;
    }

    @Override
    public void later(Runnable task) {
      task.run();
    }

    @Override
    public void pause(Duration time) {
      primary.advance(time.toMillis());
    }
  }

  /** An object of the model. */
  private record Uploaded(StoredObject object) implements StubObject {
    @Override
    public long size() {
      return object.bytes().length;
    }

    @Override
    public Instant lastModified() {
      return Instant.ofEpochMilli(object.modifiedMs());
    }

    @Override
    public Instant timestamp() {
      return Instant.ofEpochMilli(object.createdMs());
    }

    @Override
    public byte[] read(long offset, int length) {
      return Arrays.copyOfRange(object.bytes(), (int) offset, (int) offset + length);
    }
  }

  @BeforeEach
  void open() throws Exception {
    System.setProperty(ID, stub.accessKey());
    System.setProperty(SECRET, stub.secretKey());
    try (Connection any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      Litestream.load(any);
    }
    stub.serve("bucket", objects);
    primary.beginLineage(512, 40, false);
    primary.startSnapshot();
    primary.writeSnapshot(false);
    commit();
    ReplicaSettings settings =
        new ReplicaSettings(
            POLL, Duration.ofMinutes(1), Duration.ofMinutes(1), Optional.of(Boolean.FALSE));
    replica =
        new Replica(
            NativeDb.open(DB_ID, "idle"),
            Stores.open(stub.replicaUrl("bucket", "db"), name -> null),
            new OneThread(),
            settings,
            new Planner());
    poller =
        new Poller(
            replica,
            POLL,
            Duration.ofSeconds(SECONDS_ALONE),
            () -> Duration.ofMillis(primary.nowMs()).toNanos(),
            () -> false);
    HostUpcalls.register(DB_ID, new RecordedHost(replica));
    replica.listen(poller::wake, () -> {});
    replica.open();
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(replica.db().reader());
    }
  }

  @AfterEach
  void close() {
    connections.forEach(NativeReader::close);
    HostUpcalls.unregister(DB_ID);
    replica.close();
    stub.close();
    System.clearProperty(ID);
    System.clearProperty(SECRET);
  }

  /** A transaction, with its raw file in the bucket. */
  private void commit() {
    primary.sync(3);
    for (StoredObject object : primary.store().list()) {
      objects.put("db/" + object.key().path(Layout.S3), new Uploaded(object));
    }
  }

  private long newest() {
    return Objects.requireNonNull(primary.newest()).txid();
  }

  private void second() {
    primary.advance(1000);
    assertThat(poller.round()).isTrue();
  }

  /** One transaction. */
  private static void assertReads(NativeReader connection, long txid) {
    assertThat(connection.pin()).isEqualTo(SqliteCode.OK);
    ViewInfo shown = Objects.requireNonNull(connection.info());
    assertThat(shown.txid()).isEqualTo(txid);
    assertThat(connection.read(new byte[512], 512, 512)).isEqualTo(SqliteCode.OK);
    connection.unpin();
  }

  private void assertAtMost(int gets, int lists) {
    assertThat(stub.traffic().count(Kind.GET)).as("GET").isLessThanOrEqualTo(gets);
    assertThat(stub.traffic().count(Kind.LIST)).as("LIST").isLessThanOrEqualTo(lists);
    assertThat(stub.traffic().count(Kind.HEAD)).as("HEAD").isZero();
    stub.reset();
  }

  private void letTheLastReaderBeForgotten() {
    for (int i = 0; i <= SECONDS_ALONE; i++) {
      second();
    }
    stub.reset();
  }

  @Test
  void whileConnectionsReadASecondCostsAGetAndAQuarterOfAMinuteAList() {
    stub.reset();
    for (int quarter = 0; quarter < 40; quarter++) {
      for (int i = 0; i < SECONDS_PER_LISTING; i++) {
        connections.forEach(connection -> assertReads(connection, newest()));
        second();
      }
      assertAtMost(SECONDS_PER_LISTING, 1);
    }
  }

  @Test
  void whenNobodyReadsThereAreNoRequests() {
    letTheLastReaderBeForgotten();
    for (int i = 0; i < 3600; i++) {
      second();
    }
    assertThat(stub.requests()).isEmpty();
  }

  @Test
  void theFirstReadAfterwardsIsCurrentAndTheOthersCostNothing() {
    letTheLastReaderBeForgotten();
    commit();
    second();
    assertThat(stub.requests()).isEmpty();
    assertReads(connections.getFirst(), newest());
    assertAtMost(2 + 1, 10);
    connections.forEach(connection -> assertReads(connection, newest()));
    assertThat(stub.requests()).isEmpty();
    commit();
    second();
    connections.forEach(connection -> assertReads(connection, newest()));
    assertAtMost(2, 0);
  }
}

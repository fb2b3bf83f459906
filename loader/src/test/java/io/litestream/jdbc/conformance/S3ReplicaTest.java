package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.testkit.fixture.Fixture;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.Request;
import io.litestream.testkit.server.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** A replica on S3: objects that go, servers that fail, and where replicas may lie. */
@ExtendWith({LeakCheck.class, S3.class})
class S3ReplicaTest {

  @TempDir Path temp;
  private S3Client s3;
  private String bucket;

  @BeforeEach
  void start() {
    s3 = S3.server().client();
    bucket = TestServers.newBucket();
  }

  @AfterEach
  void stop() {
    s3.close();
  }

  private SqlitePrimary largePrimary() throws IOException, SQLException {
    SqlitePrimary primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, hex(randomblob(900)) FROM (" + Sql.numbers(1, 700) + ")");
    return primary;
  }

  @Test
  @DisplayName("C-17: an open transaction reads on when its objects were deleted")
  void objectsDeletedUnderTransaction() throws Exception {
    try (SqlitePrimary primary = largePrimary();
        SmallCache small = new SmallCache()) {
      S3.mirror(s3, bucket, "app", primary);
      String url = S3.server().replicaUrl(bucket, "app");
      try (Connection db = Sql.open(url, small.parameter());
          Connection next = Sql.open(url, small.parameter())) {
        Sql.run(db, "PRAGMA cache_size=5", "BEGIN");
        assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE k < 3")).isEqualTo("2");
        primary.run("DELETE FROM t WHERE k % 2 = 0");
        S3.upload(s3, bucket, "app", primary);
        Sql.await(next, 3); // retention, which waits minutes, must not overtake the follower
        primary.compact(1, 1, 2);
        primary.retain(0, 2);
        S3.mirror(s3, bucket, "app", primary);
        assertThat(Sql.txid(db)).isEqualTo(2);
        assertThat(Sql.digest(db)).isEqualTo(primary.digest(2));
        Sql.run(db, "COMMIT");
        Sql.await(db, 3);
        assertThat(Sql.digest(db)).isEqualTo(primary.digest(3));
      }
    }
  }

  @Test
  @DisplayName(
      "C-16: a transaction whose bytes are gone fails naming the reset, and the next works")
  void resetUnderTransaction() throws Exception {
    try (SqlitePrimary primary = largePrimary();
        SmallCache small = new SmallCache()) {
      S3.mirror(s3, bucket, "app", primary);
      try (Connection db = Sql.open(S3.server().replicaUrl(bucket, "app"), small.parameter())) {
        Sql.run(db, "PRAGMA cache_size=5", "BEGIN");
        assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE k < 3")).isEqualTo("2");
        primary.reset(4096);
        primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES (1, 'new')");
        S3.mirror(s3, bucket, "app", primary);
        assertThat(Sql.failure(db, "SELECT sum(length(v)) FROM t")).isNotEmpty();
        assertThat(Sql.one(db, "SELECT litestream_last_error()"))
            .contains("0000000000000002", "reset");
        Sql.run(db, "ROLLBACK");
        Await.until(() -> assertThat(Sql.one(db, "SELECT v FROM t WHERE k = 1")).isEqualTo("new"));
        assertThat(Sql.digest(db)).isEqualTo(primary.digest(1));
      }
    }
  }

  @Test
  @DisplayName(
      "C-43: a state that retention removed fails a statement with its reason, not an open")
  void opensOverRemovedState() throws Exception {
    try (SqlitePrimary primary = largePrimary();
        SmallCache small = new SmallCache()) {
      S3.mirror(s3, bucket, "app", primary);
      String url = S3.server().replicaUrl(bucket, "app");
      try (Connection first = Sql.open(url, FixturesTest.NO_POLLS, small.parameter())) {
        assertThat(Sql.txid(first)).isEqualTo(2);
        primary.run("DELETE FROM t WHERE k % 2 = 0");
        primary.compact(1, 1, 3);
        primary.retain(0, 3);
        S3.mirror(s3, bucket, "app", primary);
        NativeCore.cacheLimit(1);
        try (Connection second = Sql.open(url, FixturesTest.NO_POLLS)) {
          assertThat(Sql.failure(second, "SELECT count(*) FROM t")).isNotEmpty();
          assertThat(Sql.one(second, "PRAGMA litestream_last_error"))
              .contains("0000000000000002", "can no longer be read");
        }
      }
    }
  }

  @Test
  void integrityCheckOverRemovedStateNamesPageAndReason() throws Exception {
    try (SqlitePrimary primary = new SqlitePrimary(temp, 4096);
        SmallCache small = new SmallCache()) {
      primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
      primary.run("INSERT INTO t VALUES (1, hex(randomblob(500000)))"); // overflow pages from 3 on
      S3.mirror(s3, bucket, "app", primary);
      String url = S3.server().replicaUrl(bucket, "app");
      try (Connection db = Sql.open(url, FixturesTest.NO_POLLS, small.parameter())) {
        Sql.run(db, "BEGIN");
        assertThat(Sql.one(db, "SELECT k FROM t")).isEqualTo("1");
        primary.run("DELETE FROM t");
        primary.compact(1, 1, 3);
        primary.retain(0, 3);
        S3.mirror(s3, bucket, "app", primary);
        NativeCore.cacheLimit(1);
        assertThat(Sql.column(db, "PRAGMA integrity_check").getFirst())
            .contains("failed to get page 3");
        assertThat(Sql.one(db, "PRAGMA litestream_last_error"))
            .contains("0000000000000002", "can no longer be read");
      }
    }
  }

  @Test
  @DisplayName("C-43: a server that refuses is named at open, without its keys")
  void deniedAtOpen() throws Exception {
    try (FaultProxy proxy = FaultProxy.before(S3.server().endpoint())) {
      proxy.faults(request -> new Fault.Status(403, "AccessDenied"));
      String url = S3.server().replicaUrl(proxy.endpoint(), bucket, "app");
      Throwable e = Sql.openFailure("jdbc:sqlite:" + Sql.name(url, "open_timeout=5s"));
      assertThat(String.valueOf(e.getMessage()))
          .contains(bucket)
          .doesNotContain(S3.server().secretKey());
    }
  }

  @Test
  void passingFaultsAreNotSeen() throws Exception {
    Fixture fixture = Fixture.named("features-s3");
    String root = fixture.upload(s3, bucket, "");
    try (FaultProxy proxy = FaultProxy.before(S3.server().endpoint())) {
      Map<String, Integer> tries = new ConcurrentHashMap<>();
      proxy.faults(
          request ->
              switch (tries.merge(request.target(), 1, Integer::sum)) {
                case 1 -> Fault.SLOW_DOWN;
                case 2 -> new Fault.Reset();
                case 3 -> request.kind() == Request.Kind.GET ? new Fault.ShortBody() : Fault.NONE;
                default -> Fault.NONE;
              });
      String url = S3.server().replicaUrl(proxy.endpoint(), bucket, root);
      try (Connection db = Sql.open(url, FixturesTest.NO_POLLS)) {
        FixturesTest.assertShows(db, fixture.expected().latest());
      }
    }
  }

  @Test
  @DisplayName("C-49: both layouts on S3, and a bucket without any prefix")
  void layouts() throws Exception {
    Fixture directories = Fixture.named("page-512-file");
    String root = directories.upload(s3, bucket, "some/place/");
    try (Connection db = Sql.open(S3.server().replicaUrl(bucket, root), FixturesTest.NO_POLLS)) {
      FixturesTest.assertShows(db, directories.expected().latest());
    }
    String whole = TestServers.newBucket();
    try (SqlitePrimary primary = largePrimary()) {
      for (Path file : primary.files()) {
        String key = "0000/" + file.getFileName();
        s3.putObject(b -> b.bucket(whole).key(key), RequestBody.fromFile(file));
      }
      String url = S3.server().replicaUrl(whole, "");
      for (String spelling : List.of(url, url.replace(whole + "/", whole))) {
        try (Connection db = Sql.open(spelling)) {
          assertThat(Sql.digest(db)).isEqualTo(primary.digest(2));
        }
      }
    }
  }
}

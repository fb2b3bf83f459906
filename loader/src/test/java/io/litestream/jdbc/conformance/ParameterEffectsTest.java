package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** What parameters do, where no other test is about it. */
@ExtendWith({LeakCheck.class, S3.class})
class ParameterEffectsTest {

  @TempDir Path temp;
  private SqlitePrimary primary;

  @BeforeEach
  void start() throws Exception {
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
  }

  @AfterEach
  void stop() throws SQLException {
    primary.close();
  }

  private static Connection driver(Object place, String parameters) throws SQLException {
    return DriverManager.getConnection("jdbc:litestream:" + place + "?" + parameters);
  }

  private static String row(Connection db) throws SQLException {
    return Sql.one(db, "SELECT n FROM t");
  }

  /** A place on the S3 server, behind a proxy, and the parameters that lead there. */
  private String place(FaultProxy proxy) {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "app", primary);
    }
    return "jdbc:litestream:s3://" + bucket + "/app?endpoint=" + proxy.endpoint();
  }

  @Test
  void pollInterval() throws Exception {
    Path other = Files.createSymbolicLink(temp.resolve("other"), primary.replica());
    try (Connection often = driver(primary.replica(), "poll_interval=10ms");
        Connection seldom = driver(other, "poll_interval=24h")) {
      assertThat(row(seldom)).isEqualTo("1");
      primary.run("UPDATE t SET n = 2");
      Await.until(() -> assertThat(row(often)).isEqualTo("2"));
      assertThat(row(seldom)).isEqualTo("1");
      Litestream.refresh(seldom);
      assertThat(row(seldom)).isEqualTo("2");
    }
  }

  @Test
  void requestTimeout() throws Exception {
    try (FaultProxy proxy = FaultProxy.before(S3.server().endpoint())) {
      String url = place(proxy) + "&poll_interval=1h&request_timeout=2s";
      try (Connection db = DriverManager.getConnection(url)) {
        proxy.faults(request -> new Fault.Delay(Await.LIMIT));
        Instant before = Instant.now();
        assertThatThrownBy(() -> Litestream.refresh(db)).isInstanceOf(SQLException.class);
        assertThat(Duration.between(before, Instant.now())).isLessThan(Await.LIMIT.dividedBy(2));
      }
    }
  }

  @Test
  void cacheBytes() throws Exception {
    try (SmallCache small = new SmallCache()) {
      assertThat(small).isNotNull();
      driver(primary.replica(), "cache_bytes=1MB").close();
      assertThat(NativeCore.stats().cacheLimit()).isEqualTo(1 << 20);
      driver(primary.replica(), "cache_size=2MB").close();
      assertThat(NativeCore.stats().cacheLimit()).isEqualTo(2 << 20);
      try (Connection db = Sql.open(primary.replica(), "cache_bytes=3MB")) {
        assertThat(NativeCore.stats().cacheLimit()).isEqualTo(3 << 20);
        Sql.run(db, "ATTACH '" + Sql.name(primary.replica(), "cache_size=4MB") + "' AS r");
        assertThat(NativeCore.stats().cacheLimit()).isEqualTo(4 << 20);
      }
    }
  }

  @Test
  void sessionTime() throws Exception {
    primary.run("UPDATE t SET n = 2");
    for (String value : new String[] {"reset", "keep"}) {
      try (Connection db = driver(primary.replica(), "session_time=" + value)) {
        Sql.run(db, "PRAGMA litestream_txid = '1'");
        assertThat(row(db)).isEqualTo("1");
        db.clearWarnings();
        assertThat(row(db)).isEqualTo(value.equals("keep") ? "1" : "2");
      }
    }
  }
}

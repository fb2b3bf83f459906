package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamConfig;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.jdbc.s3.S3Replica;
import io.litestream.jdbc.store.ReplicaSource;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.S3ProxyServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Replicas that are read with a client, or with credentials, of the application's own. */
@ExtendWith(LeakCheck.class)
class S3SourceTest {

  private static final String BUCKET = "sources";
  private static final String PLACE = "s3://" + BUCKET + "/app";

  @TempDir static Path temp;
  private static S3ProxyServer server;
  private static SqlitePrimary primary;

  /** Hands out the server's key, in sessions that are numbered. */
  private static final class Sessions implements AwsCredentialsProvider, SdkAutoCloseable {
    private final AtomicInteger session = new AtomicInteger(1);
    private volatile boolean closed;

    @Override
    public AwsCredentials resolveCredentials() {
      return AwsSessionCredentials.create(
          server.accessKey(), server.secretKey(), "session-" + session.get());
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start();
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (7)");
    try (S3Client s3 = server.client()) {
      s3.createBucket(b -> b.bucket(BUCKET));
      S3.mirror(s3, BUCKET, "app", primary);
    }
  }

  @AfterAll
  static void stop() throws SQLException {
    primary.close();
    server.close();
  }

  private static Connection open(ReplicaSource source) throws SQLException {
    return LitestreamConfig.builder()
        .source(source)
        .property("poll_interval", "1h")
        .buildDataSource()
        .getConnection();
  }

  private static void assertReads(Connection db) throws SQLException {
    assertThat(Sql.one(db, "SELECT n FROM t")).isEqualTo("7");
  }

  private static void closeAll(Deque<Connection> all) throws SQLException {
    while (!all.isEmpty()) {
      all.pop().close();
    }
  }

  /** Until nothing of the library's is left that could close what is not its own. */
  private static void awaitClosed() {
    Await.until(
        () -> {
          Replicas.retireUnused();
          assertThat(Litestream.stats().replicas()).isEmpty();
        });
  }

  @Test
  void theApplicationsClientIsSharedAndStaysOpen() throws Exception {
    try (S3Client client = server.client()) {
      for (int round = 0; round < 2; round++) {
        try (Connection one = open(S3Replica.of(client, PLACE));
            Connection two = open(S3Replica.of(client, PLACE))) {
          assertReads(one);
          assertReads(two);
          assertThat(Litestream.stats().replicas()).hasSize(1);
        }
        awaitClosed();
      }
      assertThat(client.listObjectsV2(b -> b.bucket(BUCKET)).contents()).isNotEmpty();
    }
  }

  @Test
  @DisplayName("C-44: credentials that expire are asked for anew, for all connections at once")
  void theApplicationsCredentialsAreAskedAgain() throws Exception {
    Sessions sessions = new Sessions();
    AtomicInteger refused = new AtomicInteger();
    Deque<Connection> connections = new ArrayDeque<>();
    try (FaultProxy proxy = FaultProxy.before(server.endpoint())) {
      String url = PLACE + "?endpoint=" + proxy.endpoint();
      for (int i = 0; i < 4; i++) {
        connections.push(open(S3Replica.of(sessions, url)));
        assertReads(connections.peek());
      }
      proxy.faults(
          request -> {
            if (!request.header("X-Amz-Security-Token").equals("session-1")) {
              return Fault.NONE;
            }
            refused.incrementAndGet();
            sessions.session.set(2); // the application's source has a new one by now
            return new Fault.Status(400, "ExpiredToken");
          });
      for (Connection connection : connections) {
        Litestream.refresh(connection);
        assertReads(connection);
      }
      assertThat(refused).hasPositiveValue().hasValueLessThan(connections.size());
      closeAll(connections);
      awaitClosed();
      assertThat(sessions.closed).as("it is the application's").isFalse();
    } finally {
      closeAll(connections);
    }
  }

  @Test
  void opensByNameInAllWays() throws Exception {
    String name = "an-s3-source";
    try (S3Client client = server.client()) {
      Litestream.register(
          name, LitestreamConfig.builder().source(S3Replica.of(client, PLACE)).build());
      String sqlite = "file:x?vfs=litestream&replica=" + name;
      try (Connection db = DriverManager.getConnection("jdbc:litestream:?replica=" + name);
          Connection plain = DriverManager.getConnection("jdbc:sqlite:" + sqlite)) {
        assertReads(db);
        assertReads(plain);
        Sql.run(db, "ATTACH '" + sqlite + "' AS x");
        assertThat(Sql.one(db, "SELECT n FROM x.t")).isEqualTo("7");
      } finally {
        Litestream.unregister(name);
      }
      awaitClosed();
    }
  }

  @Test
  void twoSaysOfOneThingAreRefused() {
    Sessions sessions = new Sessions();
    assertThatThrownBy(() -> S3Replica.of(sessions, PLACE + "?access_key_id=a&secret_access_key=b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("leave those of the URL out");
    assertThatThrownBy(() -> S3Replica.of(sessions, PLACE + "?profile=p"))
        .hasMessageContaining("leave those of the URL out");
    assertThatThrownBy(() -> S3Replica.of(sessions, "file:///r"))
        .hasMessageContaining("write s3://bucket/path");
    LitestreamConfig.Builder source =
        LitestreamConfig.builder().source(S3Replica.of(sessions, PLACE + "?region=us-east-1"));
    assertThatThrownBy(() -> source.region("us-east-1").build())
        .hasMessageContaining("region is given together with a source");
    try (S3Client client = server.client()) {
      assertThatThrownBy(() -> S3Replica.of(client, PLACE + "?profile=p"))
          .hasMessageContaining("the S3Client has its own");
    }
  }
}

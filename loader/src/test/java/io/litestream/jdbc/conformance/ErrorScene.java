package io.litestream.jdbc.conformance;

import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.Request;
import io.litestream.testkit.server.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What a scenario of an error takes place in: a replica in a directory, one on S3 behind a proxy
 * that fails on demand, and connections of the driver. All is made when it is first asked for.
 */
final class ErrorScene implements AutoCloseable {

  /** What provokes an error. */
  @FunctionalInterface
  interface Scenario {
    /** Ends with the error. */
    void provoke(ErrorScene scene) throws Exception;
  }

  private static final String PREFIX = "jdbc:litestream:";

  /** A statement that reads pages which the open has not brought. */
  static final String READ_ALL = "SELECT sum(length(x)) FROM t";

  private final Path temp;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable SqlitePrimary small;
  private @Nullable SqlitePrimary large;
  private @Nullable FaultProxy proxy;
  private @Nullable Connection db;
  private String bucket = "";

  ErrorScene(Path temp) {
    this.temp = temp;
  }

  Path temp() {
    return temp;
  }

  <T extends AutoCloseable> T closing(T opened) {
    open.push(opened);
    return opened;
  }

  // ------------------------------------------------------------------------------ a directory

  /** TXID 1: a table t(n) with the row 1; TXID 2 and 3: the row is 2, then 3. */
  SqlitePrimary small() throws IOException, SQLException {
    SqlitePrimary primary = small;
    if (primary == null) {
      primary = closing(new SqlitePrimary(Files.createDirectories(temp.resolve("small")), 1024));
      primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
      primary.run("UPDATE t SET n = 2");
      primary.run("UPDATE t SET n = 3");
      small = primary;
    }
    return primary;
  }

  /** The URL of a directory's replica, with the parameters. */
  static String url(Path replica, String... parameters) {
    return PREFIX + "file://" + replica + "?" + String.join("&", parameters);
  }

  Connection open(String url) throws SQLException {
    return closing(DriverManager.getConnection(url));
  }

  /** A connection to the small replica. */
  Connection db() throws IOException, SQLException {
    Connection connection = db;
    if (connection == null) {
      connection = open(url(small().replica(), "poll_interval=1h"));
      db = connection;
    }
    return connection;
  }

  // ------------------------------------------------------------------------------------- on S3

  /**
   * A table t(n, x) of 700 rows, most of whose pages are read when a statement needs them. Mirrored
   * to a bucket of its own.
   */
  SqlitePrimary large() throws IOException, SQLException {
    SqlitePrimary primary = large;
    if (primary == null) {
      primary = closing(new SqlitePrimary(Files.createDirectories(temp.resolve("large")), 4096));
      primary.run("CREATE TABLE t(n INTEGER PRIMARY KEY, x)");
      primary.run(
          "INSERT INTO t SELECT n, hex(randomblob(900)) FROM (" + Sql.numbers(1, 700) + ")");
      primary.snapshot();
      primary.retain(0, primary.txid());
      bucket = TestServers.newBucket();
      large = primary;
      mirror();
    }
    return primary;
  }

  /** Makes the bucket what the large replica is now. */
  void mirror() throws IOException, SQLException {
    try (S3Client s3 = S3.server().client()) {
      S3.mirror(s3, bucket, "app", large());
    }
  }

  FaultProxy proxy() {
    FaultProxy before = proxy;
    if (before == null) {
      before = closing(FaultProxy.before(S3.server().endpoint()));
      proxy = before;
    }
    return before;
  }

  /** From now on, these requests get this fault. */
  void faults(Predicate<Request> which, Fault fault) {
    proxy().faults(request -> which.test(request) ? fault : Fault.NONE);
  }

  void faults(Request.Kind kind, Fault fault) {
    faults(request -> request.kind() == kind, fault);
  }

  /** A URL of the large replica behind the proxy. */
  String s3(String... parameters) throws IOException, SQLException {
    large();
    return place(bucket, parameters);
  }

  /** A URL of any place behind the proxy. */
  String place(String inBucket, String... parameters) {
    String query = parameters.length == 0 ? "" : "&" + String.join("&", parameters);
    return PREFIX + S3.server().replicaUrl(proxy().endpoint(), inBucket, "app") + query;
  }

  static Properties keys() {
    Properties keys = new Properties();
    keys.setProperty("access_key_id", S3.server().accessKey());
    keys.setProperty("secret_access_key", S3.server().secretKey());
    return keys;
  }

  /** Opens with the server's keys. */
  Connection openS3(String url) throws SQLException {
    return closing(DriverManager.getConnection(url, keys()));
  }

  /** A connection to the large replica that does not look for news by itself. */
  Connection s3Connection(String... parameters) throws IOException, SQLException {
    return openS3(s3(parameters) + "&poll_interval=1h&request_timeout=1s");
  }

  // ------------------------------------------------------------------------------------ running

  /** Runs one statement to its end. */
  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        drain(statement);
      }
    }
  }

  /** Errors may come with any row. */
  private static void drain(Statement statement) throws SQLException {
    try (ResultSet rows = statement.getResultSet()) {
      while (rows.next()) {
        continue;
      }
    }
  }

  @Override
  public void close() throws Exception {
    if (proxy != null) {
      proxy.faults(request -> Fault.NONE);
    }
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}

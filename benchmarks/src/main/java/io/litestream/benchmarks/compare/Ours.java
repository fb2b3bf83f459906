package io.litestream.benchmarks.compare;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.testkit.server.S3Server;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** This library. */
final class Ours implements Contender {

  private final S3Server server;
  private final String parameters;

  /**
   * @param parameters added to the URL, such as {@code &poll_interval=1h}
   */
  Ours(S3Server server, String parameters) {
    this.server = server;
    this.parameters = parameters;
    // A JVM cannot set its environment; the AWS SDK looks here too.
    System.setProperty("aws.accessKeyId", server.accessKey());
    System.setProperty("aws.secretAccessKey", server.secretKey());
  }

  @Override
  public Connection open(String place) throws SQLException {
    String endpoint = URLEncoder.encode(server.endpoint().toString(), StandardCharsets.UTF_8);
    return DriverManager.getConnection(
        "jdbc:litestream:s3://" + place + "?forcePathStyle=true&endpoint=" + endpoint + parameters);
  }

  @Override
  public void travel(Connection connection, @Nullable Instant time) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA litestream_time='" + (time == null ? "LATEST" : time) + "'");
    }
  }

  @Override
  public void warm(Connection connection) throws SQLException {
    Queries.number(connection, Queries.SCAN);
  }

  @Override
  public void forget() {
    Replicas.retireUnused();
    long limit = NativeCore.stats().cacheLimit();
    NativeCore.cacheLimit(0);
    NativeCore.cacheLimit(limit);
  }

  @Override
  public long hedges() {
    return Litestream.storeRequests().hedges();
  }
}

package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamConfig;
import io.litestream.jdbc.s3.S3Replica;
import io.litestream.jdbc.store.ReplicaSource;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The S3 key is the pool's user, its secret the password: none is in the URL. */
class S3Test {

  private static final String URL = System.getProperty("replica.s3.jdbc");
  private static final long ROWS = Long.getLong("replica.s3.rows");
  private static final String KEY = System.getProperty("replica.s3.key");
  private static final String SECRET = System.getProperty("replica.s3.secret");

  @Test
  void hikari() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(URL);
    config.setUsername(KEY);
    config.setPassword(SECRET);
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection db = pool.getConnection()) {
      assertThat(Replica.rows(db)).isEqualTo(ROWS);
      assertThat(db.getMetaData().getURL()).doesNotContain(KEY, SECRET);
    }
  }

  @Test
  void dbcp() throws SQLException {
    try (BasicDataSource pool = new BasicDataSource()) {
      pool.setUrl(URL);
      pool.setUsername(KEY);
      pool.setPassword(SECRET);
      try (Connection db = pool.getConnection()) {
        assertThat(Replica.rows(db)).isEqualTo(ROWS);
      }
    }
  }

  /** Named in code, with the application's own client or provider: no key is in any setting. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void registered(boolean client) throws SQLException {
    var keys = StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, SECRET));
    String place = URL.substring("jdbc:litestream:".length());
    String bare = place.substring(0, place.indexOf('?'));
    String endpoint = place.substring(place.indexOf("http://"));
    try (S3Client s3 =
        S3Client.builder()
            .httpClientBuilder(Apache5HttpClient.builder())
            .endpointOverride(URI.create(endpoint))
            .region(Region.US_EAST_1)
            .forcePathStyle(true)
            .credentialsProvider(keys)
            .build()) {
      ReplicaSource source = client ? S3Replica.of(s3, bare) : S3Replica.of(keys, place);
      Litestream.register("orders", LitestreamConfig.builder().source(source).build());
      try (PoolOfOne pool =
              PoolOfOne.open(PoolOfOne.Kind.HIKARI, "jdbc:litestream:?replica=orders");
          Connection db = pool.borrow()) {
        assertThat(Replica.rows(db)).isEqualTo(ROWS);
      } finally {
        Litestream.unregister("orders");
      }
    }
  }
}

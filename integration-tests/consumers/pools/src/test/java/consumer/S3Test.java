package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;

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
}

package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteConnection;

class PoolsTest {

  private static final String URL = System.getProperty("replica.jdbc");
  private static final long ROWS = Long.getLong("replica.rows");

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void hikari(boolean readOnly, boolean autoCommit) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(URL);
    config.setReadOnly(readOnly);
    config.setAutoCommit(autoCommit);
    config.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      readTwice(pool);
    }
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void dbcp(boolean readOnly, boolean autoCommit) throws SQLException {
    try (BasicDataSource pool = new BasicDataSource()) {
      pool.setUrl(URL);
      pool.setDefaultReadOnly(readOnly);
      pool.setDefaultAutoCommit(autoCommit);
      pool.setMaxTotal(1);
      pool.setAccessToUnderlyingConnectionAllowed(true);
      readTwice(pool);
    }
  }

  @Test
  void agroal() throws SQLException {
    try (AgroalDataSource pool =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(
                    c ->
                        c.maxSize(1)
                            .acquisitionTimeout(Duration.ofSeconds(30))
                            .connectionFactoryConfiguration(f -> f.jdbcUrl(URL))))) {
      readTwice(pool);
    }
  }

  /** By two borrowers; the first one toggles what frameworks toggle. */
  private static void readTwice(DataSource pool) throws SQLException {
    try (Connection first = pool.getConnection()) {
      assertThat(first.isWrapperFor(SQLiteConnection.class)).isTrue();
      first.setReadOnly(true);
      first.setAutoCommit(false);
      assertThat(count(first)).isEqualTo(ROWS);
      first.commit();
      first.setReadOnly(false);
      assertThat(first.isValid(5)).isTrue();
    }
    try (Connection second = pool.getConnection()) {
      assertThat(count(second)).isEqualTo(ROWS);
    }
  }

  private static long count(Connection db) throws SQLException {
    try (Statement statement = db.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM ledger")) {
      return row.getLong(1);
    }
  }
}

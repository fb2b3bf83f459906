package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What Spring makes of the driver's exceptions: docs/recipes.md has the table. */
@SpringBootTest
class ErrorsTest {

  private static final String FOR_EVER =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

  private static final int MAX_STALE_SECONDS = 2;
  private static final String KEY = System.getProperty("replica.s3.key");
  private static final String SECRET = System.getProperty("replica.s3.secret");

  @Autowired JdbcClient jdbc;

  /** Spring's class for what the driver says of the call. */
  private static void assertThrown(
      Runnable call, Class<? extends DataAccessException> type, String state, String text) {
    assertThatThrownBy(call::run)
        .isInstanceOf(type)
        .cause()
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
        .hasMessageContaining(text);
  }

  @Test
  void wrongSql() {
    assertThrown(
        () -> jdbc.sql("SELECT * FROM nowhere").query().listOfRows(),
        BadSqlGrammarException.class,
        "42000",
        "no such table");
  }

  @Test
  void writes() {
    assertThrown(
        () -> jdbc.sql("DELETE FROM ledger").update(),
        UncategorizedSQLException.class,
        "25006",
        "this is a read-only replica");
  }

  @Test
  void aTimeThatIsNone() {
    assertThrown(
        () -> jdbc.sql("SELECT litestream_set_time('soon')").query().listOfRows(),
        DataIntegrityViolationException.class,
        "22023",
        "soon");
  }

  @Test
  void timeouts() {
    assertThrown(
        () -> jdbc.sql(FOR_EVER).withQueryTimeout(1).query().listOfRows(),
        QueryTimeoutException.class,
        "HYT00",
        "query timeout of 1 s");
  }

  @Test
  void aStoreThatGoesAway() throws Exception {
    try (Relay relay = new Relay(System.getProperty("replica.s3.jdbc"));
        HikariDataSource pool = s3(relay)) {
      JdbcClient remote = JdbcClient.create(pool);
      remote.sql("SELECT count(*) FROM ledger").query().listOfRows();
      relay.close();
      TimeUnit.SECONDS.sleep(MAX_STALE_SECONDS);
      assertThrown(
          () -> remote.sql("SELECT count(*) FROM ledger").query().listOfRows(),
          TransientDataAccessResourceException.class,
          "08006",
          "max_stale");
    }
  }

  @Test
  void aStoreThatIsNotThere() throws Exception {
    Relay relay = new Relay(System.getProperty("replica.s3.jdbc"));
    relay.close();
    DriverManagerDataSource source =
        new DriverManagerDataSource(relay.url() + "&open_timeout=1s", KEY, SECRET);
    assertThrown(
        () -> JdbcClient.create(source).sql("SELECT 1").query().listOfRows(),
        CannotGetJdbcConnectionException.class,
        "08001",
        "s3://");
  }

  private static HikariDataSource s3(Relay relay) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(relay.url() + "&request_timeout=3s&max_stale=" + MAX_STALE_SECONDS + "s");
    pool.setUsername(KEY);
    pool.setPassword(SECRET);
    pool.setMaximumPoolSize(1);
    return pool;
  }
}

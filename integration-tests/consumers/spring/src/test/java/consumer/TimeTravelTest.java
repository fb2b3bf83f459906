package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.TimeScope;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** With a pool of one connection: what one transaction does to it would show in the next. */
@SpringBootTest(properties = "spring.datasource.hikari.maximum-pool-size=1")
class TimeTravelTest {

  private static final long ROWS = Long.getLong("replica.rows");

  @Autowired Ledger ledger;
  @Autowired JdbcClient jdbc;
  @Autowired JdbcTemplate template;
  private TransactionTemplate transaction;
  private String past;

  @Autowired
  void transactions(PlatformTransactionManager manager) {
    transaction = new TransactionTemplate(manager);
    transaction.setReadOnly(true);
  }

  @BeforeEach
  void findAPast() {
    List<String> times =
        jdbc.sql("SELECT time FROM litestream_history ORDER BY txid").query(String.class).list();
    past = times.get(times.size() / 2);
  }

  @Test
  void aTransactionSeesThePastAndTheNextOneThePresent() {
    long then = ledger.rowsAt(past);
    assertThat(then).isPositive().isLessThan(ROWS);
    assertThat(ledger.rows()).isEqualTo(ROWS);
    assertThat(ledger.rowsAt(past)).isEqualTo(then);
  }

  @Test
  void travelByPragma() {
    long then =
        transaction.execute(
            status -> {
              template.execute("PRAGMA litestream_time = '" + past + "'");
              return ledger.rows();
            });
    assertThat(then).isEqualTo(ledger.rowsAt(past)).isLessThan(ROWS);
    assertThat(ledger.rows()).isEqualTo(ROWS);
  }

  @Test
  void travelByScope() {
    long then =
        transaction.execute(
            status ->
                template.execute(
                    (ConnectionCallback<Long>)
                        db -> {
                          try (TimeScope scope = Litestream.asOf(db, past)) {
                            return ledger.rows();
                          }
                        }));
    assertThat(then).isEqualTo(ledger.rowsAt(past)).isLessThan(ROWS);
    assertThat(ledger.rows()).isEqualTo(ROWS);
  }

  @Test
  void afterTheFirstReadATransactionStaysWhereItIs() {
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      ledger.rows();
                      ledger.rowsAt(past);
                    }))
        .isInstanceOf(DataAccessException.class)
        .hasMessageContaining("the time cannot be changed");
    assertThat(ledger.rows()).isEqualTo(ROWS);
  }

  @Test
  void aConnectionIsReadOnlyForEveryTransaction() {
    transaction.setReadOnly(false);
    assertThat(transaction.<Long>execute(status -> ledger.rows())).isEqualTo(ROWS);
  }
}

package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.ClassUtils;

@SpringBootTest
class ApplicationTest {

  @Autowired Ledger ledger;
  @Autowired HikariDataSource source;
  @Autowired JdbcClient jdbc;

  @Test
  void theUrlAloneIsEnough() {
    assertThat(ClassUtils.isPresent("org.h2.Driver", null)).isEqualTo(Boolean.getBoolean("h2"));
    assertThat(source.getDriverClassName()).isEqualTo("io.litestream.jdbc.LitestreamDriver");
    assertThat(ledger.rows()).isEqualTo(Long.getLong("replica.rows"));
    assertThat(ledger.rows()).isEqualTo(Long.getLong("replica.rows"));
  }

  @Test
  void rowsBecomeObjects() {
    record Account(int id, String owner, int balance) {}
    assertThat(
            jdbc.sql("SELECT * FROM account WHERE id = :id")
                .param("id", 7)
                .query(Account.class)
                .single()
                .owner())
        .isEqualTo("owner 7");
  }

  @Test
  void sqliteJdbcIsTheOneOfSpringBoot() {
    assertThat(org.sqlite.SQLiteJDBCLoader.getVersion()).isEqualTo("3.53.2.1");
  }
}

package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.datasource.unpooled.UnpooledDataSource;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.hibernate.community.dialect.SQLiteDialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.jdbi.v3.core.Jdbi;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;

class OrmTest {

  private static final String URL = System.getProperty("replica.jdbc");
  private static final long ROWS = Long.getLong("replica.rows");

  interface Ledger {
    @Select("SELECT count(*) FROM ledger WHERE amount >= #{least}")
    long count(int least);
  }

  @Test
  void jooqKnowsTheDialect() throws SQLException {
    try (Connection db = DriverManager.getConnection(URL)) {
      DSLContext jooq = DSL.using(db);
      assertThat(jooq.dialect()).isEqualTo(SQLDialect.SQLITE);
      assertThat(jooq.fetchCount(DSL.table("ledger"))).isEqualTo((int) ROWS);
    }
  }

  @Test
  void hibernateKnowsTheDialect() {
    Configuration configuration =
        new Configuration()
            .addAnnotatedClass(Account.class)
            .setProperty("hibernate.connection.url", URL)
            .setProperty("hibernate.hbm2ddl.auto", "none");
    try (SessionFactory factory = configuration.buildSessionFactory()) {
      assertThat(factory.unwrap(SessionFactoryImplementor.class).getJdbcServices().getDialect())
          .isInstanceOf(SQLiteDialect.class);
      factory.inTransaction(
          session -> {
            assertThat(session.find(Account.class, 7).owner).isEqualTo("owner 7");
            assertThat(
                    session
                        .createSelectionQuery("select sum(balance) from Account", Long.class)
                        .getSingleResult())
                .isEqualTo(20_000);
          });
    }
  }

  @Test
  void jdbi() {
    long rows =
        Jdbi.create(URL)
            .inTransaction(
                handle ->
                    handle
                        .createQuery("SELECT count(*) FROM ledger WHERE amount >= :least")
                        .bind("least", 0)
                        .mapTo(Long.class)
                        .one());
    assertThat(rows).isEqualTo(ROWS);
  }

  @Test
  void myBatis() {
    UnpooledDataSource source =
        new UnpooledDataSource("io.litestream.jdbc.LitestreamDriver", URL, null, null);
    var configuration =
        new org.apache.ibatis.session.Configuration(
            new Environment("replica", new JdbcTransactionFactory(), source));
    configuration.addMapper(Ledger.class);
    try (SqlSession session = new SqlSessionFactoryBuilder().build(configuration).openSession()) {
      assertThat(session.getMapper(Ledger.class).count(0)).isEqualTo(ROWS);
    }
  }
}

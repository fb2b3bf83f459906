package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.TimeScope;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.datasource.pooled.PooledDataSource;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;

/** jOOQ, Jdbi and MyBatis: rows, parameters, and the past. */
class OrmTest {

  record Owner(int id, String owner, int balance) {}

  interface Ledger {
    @Select("SELECT count(*) FROM ledger WHERE amount >= #{least}")
    long count(int least);

    @Select("SELECT id, owner, balance FROM account WHERE id = #{id}")
    Owner owner(@Param("id") int id);
  }

  @Test
  void jooq() throws SQLException {
    try (Connection db = DriverManager.getConnection(Replica.URL)) {
      DSLContext jooq = DSL.using(db);
      assertThat(jooq.dialect()).isEqualTo(SQLDialect.SQLITE);
      assertThat(jooq.fetchCount(DSL.table("ledger"))).isEqualTo((int) Replica.ROWS);
      assertThat(
              jooq.select()
                  .from("account")
                  .orderBy(DSL.field("id"))
                  .limit(1)
                  .offset(6)
                  .fetchOneInto(Owner.class)
                  .owner())
          .isEqualTo("owner 7");
      try (TimeScope past = Litestream.asOfTxid(db, Replica.PAST_TXID)) {
        assertThat((long) jooq.fetchCount(DSL.table("ledger"))).isLessThan(Replica.ROWS);
      }
      assertThatThrownBy(() -> jooq.deleteFrom(DSL.table("ledger")).execute())
          .isInstanceOf(DataAccessException.class)
          .hasMessageContaining("this is a read-only replica")
          .satisfies(e -> assertThat(((DataAccessException) e).sqlState()).isEqualTo("25006"));
    }
    assertThat(DSL.using(Replica.URL).dialect()).isEqualTo(SQLDialect.SQLITE);
  }

  @Test
  void jdbi() {
    Jdbi jdbi = Jdbi.create(Replica.URL);
    assertThat(jdbi.<Long, RuntimeException>inTransaction(OrmTest::rows)).isEqualTo(Replica.ROWS);
    long then =
        jdbi.inTransaction(
            handle -> {
              handle
                  .createQuery("SELECT litestream_set_txid(:txid)")
                  .bind("txid", Replica.PAST_TXID)
                  .mapTo(String.class)
                  .list();
              return rows(handle);
            });
    assertThat(then).isPositive().isLessThan(Replica.ROWS);
  }

  private static long rows(Handle handle) {
    return handle
        .createQuery("SELECT count(*) FROM ledger WHERE amount >= :least")
        .bind("least", 0)
        .mapTo(Long.class)
        .one();
  }

  /** Its pool tells nobody that a connection is given back; it rolls back, and no more. */
  @Test
  void myBatis() throws SQLException {
    PooledDataSource source =
        new PooledDataSource("io.litestream.jdbc.LitestreamDriver", Replica.URL, null, null);
    source.setPoolMaximumActiveConnections(1);
    var configuration =
        new org.apache.ibatis.session.Configuration(
            new Environment("replica", new JdbcTransactionFactory(), source));
    configuration.addMapper(Ledger.class);
    var factory = new SqlSessionFactoryBuilder().build(configuration);
    try (SqlSession session = factory.openSession()) {
      Ledger ledger = session.getMapper(Ledger.class);
      try (TimeScope past = Litestream.asOfTxid(session.getConnection(), Replica.PAST_TXID)) {
        assertThat(ledger.count(0)).isPositive().isLessThan(Replica.ROWS);
      }
    }
    try (SqlSession session = factory.openSession()) {
      Ledger ledger = session.getMapper(Ledger.class);
      assertThat(ledger.count(0)).isEqualTo(Replica.ROWS);
      assertThat(ledger.owner(7).owner()).isEqualTo("owner 7");
    }
    source.forceCloseAll();
  }
}

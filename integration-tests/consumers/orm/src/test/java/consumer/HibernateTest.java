package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.TimeScope;
import java.util.List;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.hibernate.community.dialect.SQLiteDialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.exception.SQLGrammarException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HibernateTest {

  private static SessionFactory factory;

  @BeforeAll
  static void build() {
    factory =
        new Configuration()
            .addAnnotatedClass(Account.class)
            .setProperty("hibernate.connection.url", Replica.URL)
            .setProperty("hibernate.connection.pool_size", "1")
            .setProperty("hibernate.hbm2ddl.auto", "none")
            .buildSessionFactory();
  }

  @AfterAll
  static void close() {
    factory.close();
  }

  private static List<Account> accounts(Session session) {
    return session.createSelectionQuery("from Account order by id", Account.class).getResultList();
  }

  private static long rows(Session session) {
    return session.createNativeQuery("SELECT count(*) FROM ledger", Long.class).getSingleResult();
  }

  @Test
  void knowsTheDialect() {
    assertThat(factory.unwrap(SessionFactoryImplementor.class).getJdbcServices().getDialect())
        .isInstanceOf(SQLiteDialect.class);
  }

  @Test
  void readsEntities() {
    factory.inTransaction(
        session -> {
          assertThat(session.find(Account.class, 7).owner).isEqualTo("owner 7");
          assertThat(accounts(session).stream().mapToInt(a -> a.balance).sum()).isEqualTo(20_000);
          assertThat(
                  session
                      .createSelectionQuery("from Account order by id", Account.class)
                      .setFirstResult(3)
                      .setMaxResults(2)
                      .getResultList())
              .hasSize(2);
        });
  }

  /** The session's connection travels; with a session of its own, no entity of another time. */
  @Test
  void readsThePast() {
    long[] then = new long[1];
    factory.inTransaction(
        session ->
            session.doWork(
                db -> {
                  try (TimeScope past = Litestream.asOfTxid(db, Replica.PAST_TXID)) {
                    then[0] = rows(session);
                    assertThat(accounts(session)).isNotEmpty();
                  }
                }));
    assertThat(then[0]).isPositive().isLessThan(Replica.ROWS);
    factory.inTransaction(session -> assertThat(rows(session)).isEqualTo(Replica.ROWS));
  }

  /** Hibernate's own pool tells the connection that it is given back, too. */
  @Test
  void doesNotCarryThePastToTheNextSession() {
    factory.inTransaction(
        session -> {
          session.doWork(db -> Litestream.asOfTxid(db, Replica.PAST_TXID)); // never closed
          assertThat(rows(session)).isLessThan(Replica.ROWS);
        });
    factory.inTransaction(session -> assertThat(rows(session)).isEqualTo(Replica.ROWS));
  }

  @Test
  void knowsWrongSql() {
    assertThatThrownBy(
            () ->
                factory.inTransaction(
                    session ->
                        session
                            .createNativeQuery("SELECT * FROM nowhere", Object.class)
                            .getResultList()))
        .isInstanceOf(SQLGrammarException.class)
        .hasMessageContaining("no such table");
  }
}

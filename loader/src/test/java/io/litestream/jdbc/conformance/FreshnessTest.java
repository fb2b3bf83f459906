package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.ReplicaPosition;
import io.litestream.jdbc.StateListener;
import io.litestream.jdbc.TimeScope;
import io.litestream.jdbc.store.LtxName;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How new a connection's state is, waiting for a newer one, and stays in the past. */
@ExtendWith(LeakCheck.class)
class FreshnessTest {

  @TempDir Path temp;
  private SqlitePrimary primary;
  private Connection db;

  @BeforeEach
  void open() throws IOException, SQLException {
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1)");
    primary.run("UPDATE t SET n = 2");
    db = Sql.open(primary.replica());
  }

  @AfterEach
  void close() throws SQLException {
    db.close();
    primary.close();
  }

  private String value() throws SQLException {
    return Sql.one(db, "SELECT n FROM t");
  }

  private static Thread later(Await.Check action) {
    return Thread.startVirtualThread(
        () -> {
          try {
            Thread.sleep(50);
            action.run();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  @DisplayName("C-46: the lag grows while the primary is silent, whatever the polls find")
  void lagOfASilentPrimary() throws Exception {
    Duration age = Duration.between(primary.time(2), Instant.now());
    assertThat(Long.parseLong(Sql.one(db, "PRAGMA litestream_lag")))
        .isGreaterThanOrEqualTo(age.toSeconds());
    Litestream.refresh(db);
    ReplicaPosition position = Litestream.position(db);
    assertThat(position.txid()).isEqualTo(LtxName.hex(2));
    assertThat(position.commitTime()).isEqualTo(primary.time(2));
    assertThat(position.replicationLag())
        .isGreaterThanOrEqualTo(age.truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
    assertThat(position.sinceLook()).isLessThan(Await.LIMIT);
    assertThat(position.timeTravel()).isFalse();
  }

  @Test
  @DisplayName("C-51: refresh-now shows what was there when it was called")
  void refresh() throws Exception {
    try (Connection slow = Sql.open(primary.replica(), "poll_interval=1h")) {
      assertThat(Sql.one(slow, "SELECT n FROM t")).isEqualTo("2");
    }
    for (int n = 3; n < 8; n++) {
      primary.run("UPDATE t SET n = " + n);
      Litestream.refresh(db);
      assertThat(value()).isEqualTo(Integer.toString(n));
    }
  }

  @Test
  @DisplayName("C-51: waits until TXID x, or a commit of that time, is there")
  void awaits() throws Exception {
    Thread writer = later(() -> primary.run("UPDATE t SET n = 3"));
    assertThat(Litestream.await(db, "3", Await.LIMIT)).isTrue();
    assertThat(value()).isEqualTo("3");
    writer.join();
    writer = later(() -> primary.run("UPDATE t SET n = 4"));
    assertThat(Litestream.await(db, primary.time(3).plusMillis(1), Await.LIMIT)).isTrue();
    assertThat(value()).isEqualTo("4");
    writer.join();
    assertThat(Litestream.await(db, "99", Duration.ofMillis(20))).isFalse();
    assertThat(Litestream.await(db, Instant.now().plusSeconds(99), Duration.ofMillis(20)))
        .isFalse();
    assertThatThrownBy(() -> Litestream.await(db, "x", Await.LIMIT))
        .hasMessageContaining("16 hex digits");
  }

  @Test
  @DisplayName("C-51: an interrupt ends a wait, and stays set")
  void interruptedWait() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Litestream.await(db, "99", Await.LIMIT))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  @DisplayName("C-51: a listener is told of new states, and not after it was closed")
  void listener() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    try (StateListener handle = Litestream.listen(db, state -> told.add(state.txid()))) {
      assertThat(handle).isNotNull();
      primary.run("UPDATE t SET n = 3");
      Await.until(() -> assertThat(told).contains(LtxName.hex(3)));
      primary.run("UPDATE t SET n = 4");
      Await.until(() -> assertThat(told).endsWith(LtxName.hex(4)).isSorted());
    }
    int before = told.size();
    primary.run("UPDATE t SET n = 5");
    assertThat(Litestream.await(db, "5", Await.LIMIT)).isTrue();
    assertThat(told).hasSize(before);
  }

  @Test
  @DisplayName("C-47: stays in the past nest, by time and by TXID")
  void scopes() throws Exception {
    primary.run("UPDATE t SET n = 3");
    assertThat(Litestream.await(db, "3", Await.LIMIT)).isTrue();
    try (TimeScope outer = Litestream.asOf(db, primary.time(2).plusMillis(1))) {
      assertThat(outer).isNotNull();
      assertThat(value()).isEqualTo("2");
      assertThat(Litestream.position(db).timeTravel()).isTrue();
      try (TimeScope inner = Litestream.asOfTxid(db, "1")) {
        assertThat(inner).isNotNull();
        assertThat(value()).isEqualTo("1");
        try (TimeScope innermost = Litestream.asOf(db, "latest")) {
          assertThat(innermost).isNotNull();
          assertThat(value()).isEqualTo("3");
        }
        assertThat(value()).isEqualTo("1");
        assertThat(Sql.txid(db)).isEqualTo(1);
      }
      assertThat(value()).isEqualTo("2");
      assertThat(Instant.parse(Sql.one(db, "PRAGMA litestream_time")))
          .isEqualTo(primary.time(2).plusMillis(1));
    }
    assertThat(value()).isEqualTo("3");
    assertThat(Litestream.position(db).timeTravel()).isFalse();
  }

  @Test
  @DisplayName("C-47: a stay in the past that ends inside a transaction ends with it")
  void scopeInsideTransaction() throws Exception {
    db.setAutoCommit(false);
    try (TimeScope past = Litestream.asOfTxid(db, "1")) {
      assertThat(past).isNotNull();
      assertThat(value()).isEqualTo("1");
      assertThatThrownBy(() -> Litestream.asOfTxid(db, "2")).isInstanceOf(SQLException.class);
    }
    assertThat(value()).isEqualTo("1");
    db.commit();
    assertThat(value()).isEqualTo("2");
    db.rollback();
    db.setAutoCommit(true);
  }

  @Test
  @DisplayName("C-47: the end of a stay needs neither the store nor the end of a transaction")
  void scopeEndsWithoutTheStore() throws Exception {
    TimeScope inner;
    try (TimeScope outer = Litestream.asOfTxid(db, "1")) {
      assertThat(outer).isNotNull();
      inner = Litestream.asOfTxid(db, "2");
      db.setAutoCommit(false);
      assertThat(value()).isEqualTo("2");
      primary.run("UPDATE t SET n = 3");
      primary.compact(1, 1, 3);
      primary.retain(0, 4);
      inner.close();
      assertThat(value()).isEqualTo("2");
      db.commit();
      db.setAutoCommit(true);
      assertThat(Sql.txid(db)).isEqualTo(1);
      inner.close(); // has ended
      assertThat(Sql.txid(db)).isEqualTo(1);
    }
    assertThat(Litestream.await(db, "3", Await.LIMIT)).isTrue();
    assertThat(value()).isEqualTo("3");
  }

  @Test
  void aScopeOfAnEarlierSessionEndsNothing() throws Exception {
    TimeScope left = Litestream.asOfTxid(db, "1");
    Sql.run(db, "PRAGMA litestream_reset");
    try (TimeScope own = Litestream.asOfTxid(db, "1")) {
      assertThat(own).isNotNull();
      left.close();
      assertThat(value()).isEqualTo("1");
    }
    assertThat(value()).isEqualTo("2");
  }

  @Test
  void otherDatabasesAreNoReplicas() throws Exception {
    try (Connection plain = Sql.plain(temp.resolve("plain.db"))) {
      assertThatThrownBy(() -> Litestream.position(plain))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("is no replica");
    }
  }
}

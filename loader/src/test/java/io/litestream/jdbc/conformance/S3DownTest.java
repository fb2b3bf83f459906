package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.ReplicaPosition;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.StoreException;
import io.litestream.testkit.server.Fault;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that stops answering, and answers again, under connections that are open. */
@ExtendWith({LeakCheck.class, S3.class})
class S3DownTest {

  private static final String COUNT = "SELECT count(*) FROM t WHERE length(x) > 0";

  @TempDir Path temp;
  private ErrorScene scene;

  @BeforeEach
  void start() {
    scene = new ErrorScene(temp);
  }

  @AfterEach
  void stop() throws Exception {
    scene.close();
  }

  /** A connection that follows, to a replica of 700 rows. */
  private Connection follow(String... parameters) throws Exception {
    return scene.openS3(scene.s3(parameters) + "&poll_interval=20ms&request_timeout=1s");
  }

  private void down() {
    scene.faults(request -> true, new Fault.Status(503, "SlowDown"));
  }

  private void up() {
    scene.faults(request -> false, Fault.NONE);
  }

  private static Duration sinceLook(Connection db) throws SQLException {
    return Litestream.position(db).sinceLook();
  }

  /** Adds a row, which a store that works shows before long. */
  private void assertFollows(Connection db) throws Exception {
    long txid = scene.large().run("INSERT INTO t(x) VALUES ('new')");
    scene.mirror();
    assertThat(Litestream.await(db, LtxName.hex(txid), Await.LIMIT)).isTrue();
    assertThat(Sql.txid(db)).isEqualTo(txid);
    assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE x = 'new'")).isEqualTo("1");
  }

  private static <E extends SQLException> E failure(
      Class<E> type, String state, String sql, Connection db) {
    E e = catchThrowableOfType(type, () -> ErrorScene.run(db, sql));
    assertThat((Throwable) e).as(sql).isNotNull();
    assertThat(e.getSQLState()).isEqualTo(state);
    return e;
  }

  @Test
  @DisplayName("C-46: what was read goes on answering, and lag and age tell how old it is")
  void cachedStatesGoOnAnswering() throws Exception {
    Connection db = follow();
    assertThat(Sql.one(db, COUNT)).isEqualTo("700");
    down();
    Duration before = Litestream.position(db).replicationLag();
    Await.until(
        () -> {
          assertThat(Sql.one(db, COUNT)).isEqualTo("700");
          assertThat(sinceLook(db)).isGreaterThan(Duration.ofMillis(1500));
        });
    ReplicaPosition position = Litestream.position(db);
    assertThat(position.replicationLag()).isGreaterThan(before).isGreaterThan(position.sinceLook());
    assertThat(Long.parseLong(Sql.one(db, "PRAGMA litestream_look_age"))).isGreaterThan(1500);
    assertThat(Long.parseLong(Sql.one(db, "PRAGMA litestream_lag")))
        .isGreaterThanOrEqualTo(position.replicationLag().toSeconds());
    assertThat(Sql.one(db, "PRAGMA litestream_last_error"))
        .contains("cannot look for news", "the server cannot answer now");
    up();
    assertFollows(db);
    assertThat(sinceLook(db)).isLessThan(Duration.ofMillis(1500).plus(Await.LIMIT));
    Await.until(() -> assertThat(Sql.one(db, "PRAGMA litestream_last_error")).isEmpty());
  }

  @Test
  void readsOfWhatIsNotCachedFailAndRecover() throws Exception {
    Connection db = follow();
    assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE n < 3")).isEqualTo("2");
    down();
    failure(SQLTransientConnectionException.class, "08006", COUNT, db);
    assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE n < 3")).isEqualTo("2");
    assertThat(db.isValid(1)).as("a pool may keep it").isTrue();
    up();
    assertThat(Sql.one(db, COUNT)).isEqualTo("700");
    assertFollows(db);
  }

  @Test
  void staleStatesAreRefusedWhereAskedFor() throws Exception {
    Connection strict = follow("max_stale=500ms");
    Connection other = follow();
    assertThat(Sql.one(strict, COUNT)).isEqualTo("700");
    down();
    Await.until(
        () -> {
          SQLException e = failure(SQLTransientConnectionException.class, "08006", COUNT, strict);
          assertThat((Throwable) e)
              .hasMessageContaining("max_stale=500ms allows no more")
              .hasMessageContaining("the server cannot answer now");
          assertThat(e.getErrorCode()).isEqualTo(10);
        });
    assertThat(Sql.one(other, COUNT)).as("without max_stale").isEqualTo("700");
    assertThat(Long.parseLong(Sql.one(strict, "PRAGMA litestream_look_age"))).isGreaterThan(500);
    up();
    Await.until(() -> assertThat(Sql.one(strict, COUNT)).isEqualTo("700"));
    assertFollows(strict);
  }

  @Test
  @DisplayName("C-46: with a poll interval longer than max_stale, reads look for themselves")
  void maxStaleBelowThePollInterval() throws Exception {
    Connection db = scene.openS3(scene.s3("poll_interval=1h", "max_stale=50ms"));
    for (int i = 0; i < 3; i++) {
      Thread.sleep(60);
      assertThat(Sql.one(db, COUNT)).isEqualTo("700");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatLooksOrTravelsSaysWhyOnAnyConnection(boolean plain) throws Exception {
    Connection db = plain ? plain() : follow();
    assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE n < 3")).isEqualTo("2");
    down();
    for (Look action :
        new Look[] {
          () -> Litestream.refresh(db), () -> Litestream.asOf(db, "2001-01-01T00:00:00Z").close()
        }) {
      SQLTransientConnectionException e =
          catchThrowableOfType(SQLTransientConnectionException.class, action::run);
      assertThat((Throwable) e)
          .hasMessageContaining("the server cannot answer now")
          .hasCauseInstanceOf(StoreException.class);
      assertThat(e.getSQLState()).isEqualTo("08006");
    }
    assertThat(Litestream.await(db, "99", Duration.ofMillis(50))).isFalse();
    up();
    Litestream.refresh(db);
    assertFollows(db);
  }

  private interface Look {
    void run() throws Exception;
  }

  private Connection plain() throws Exception {
    String url = scene.s3().substring("jdbc:litestream:".length());
    return scene.closing(Sql.open(url, "poll_interval=20ms", "request_timeout=1s"));
  }
}

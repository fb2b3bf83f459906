package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteConnection;

/** Pools start and lend with whatever they set on a connection. */
class SettingsTest {

  @ParameterizedTest
  @CsvSource({
    "HIKARI, true, true", "HIKARI, true, false", "HIKARI, false, true", "HIKARI, false, false",
    "DBCP, true, true", "DBCP, true, false", "DBCP, false, true", "DBCP, false, false"
  })
  void readOnlyAndAutoCommit(PoolOfOne.Kind kind, boolean readOnly, boolean autoCommit)
      throws SQLException {
    PoolOfOne.Options options = new PoolOfOne.Options(readOnly, autoCommit, List.of());
    try (PoolOfOne pool = PoolOfOne.open(kind, Replica.URL, options)) {
      readTwice(pool);
    }
  }

  @Test
  void agroal() throws SQLException {
    try (PoolOfOne pool = PoolOfOne.agroal(Replica.URL)) {
      readTwice(pool);
    }
  }

  /** By two borrowers; the first one toggles what frameworks toggle. */
  private static void readTwice(PoolOfOne pool) throws SQLException {
    try (Connection first = pool.borrow()) {
      assertThat(first.isWrapperFor(SQLiteConnection.class)).isTrue();
      first.setReadOnly(true);
      first.setAutoCommit(false);
      assertThat(Replica.rows(first)).isEqualTo(Replica.ROWS);
      first.commit();
      first.setReadOnly(false);
      assertThat(first.isValid(5)).isTrue();
    }
    try (Connection second = pool.borrow()) {
      assertThat(Replica.rows(second)).isEqualTo(Replica.ROWS);
    }
  }
}

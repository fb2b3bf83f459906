package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.Fixture;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConnection;

class LitestreamDriverTest {

  private static final LitestreamDriver DRIVER = new LitestreamDriver();

  @TempDir Path temp;

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::type))
        .contains(LitestreamDriver.class);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {"jdbc:sqlite:x", "jdbc:", "litestream:", "jdbc:litestream", "%", "?"})
  void leavesOtherUrlsToOthers(String url) throws SQLException {
    assertThat(DRIVER.acceptsURL(url)).isFalse();
    if (url != null) {
      assertThat(DRIVER.connect(url, new Properties())).isNull();
    }
  }

  @Test
  void opensAReplica() throws SQLException, IOException {
    Fixture fixture = Fixture.named("ledger-blocks-file");
    String url = "jdbc:litestream:file://" + fixture.unpack(temp) + "?poll_interval=1h";
    assertThat(DriverManager.getDriver(url)).isInstanceOf(LitestreamDriver.class);
    try (Connection db = DriverManager.getConnection(url)) {
      assertThat(db.unwrap(SQLiteConnection.class)).isSameAs(db);
      assertThat(db.isReadOnly()).isTrue();
      db.setReadOnly(false);
      db.setReadOnly(true);
      assertThat(db.getMetaData().getURL()).startsWith("jdbc:sqlite:file:").endsWith("litestream");
      assertThat(db.createStatement().executeQuery("SELECT litestream_txid()").next()).isTrue();
    }
  }
}

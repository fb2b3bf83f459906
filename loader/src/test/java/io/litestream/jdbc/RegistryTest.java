package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.testkit.fixture.Fixture;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that are registered by name. */
class RegistryTest {

  private static final String NAME = "registry test/ä";
  private static final String ENCODED = "registry%20test%2F%C3%A4";

  @TempDir static Path temp;
  private static String place;
  private static LitestreamConfig config;

  @BeforeAll
  static void unpack() throws IOException {
    place = Fixture.named("ledger-blocks-file").unpack(temp).toString();
    config = LitestreamConfig.builder().url(place).property("poll_interval", "1h").build();
  }

  @BeforeEach
  void register() {
    Litestream.register(NAME, config);
  }

  @AfterEach
  void unregister() {
    Litestream.unregister(NAME);
  }

  private static String txid(Connection db, String schema) throws SQLException {
    try (Statement statement = db.createStatement()) {
      return statement.executeQuery("SELECT litestream_txid('" + schema + "')").getString(1);
    }
  }

  private static Connection open() throws SQLException {
    return DriverManager.getConnection("jdbc:litestream:?replica=" + ENCODED);
  }

  @Test
  void opensInAllWays() throws SQLException {
    try (Connection db = open();
        Connection past =
            DriverManager.getConnection("jdbc:litestream:?txid=2&replica=" + ENCODED);
        Connection plain =
            DriverManager.getConnection("jdbc:sqlite:file:x?vfs=litestream&replica=" + ENCODED);
        Statement statement = db.createStatement()) {
      assertThat(db.getMetaData().getURL()).isEqualTo("jdbc:sqlite:file:_?vfs=litestream");
      assertThat(txid(db, "main")).isEqualTo(txid(plain, "main"));
      assertThat(txid(past, "main")).isEqualTo("0000000000000002");
      statement.execute("ATTACH 'file:y?vfs=litestream&txid=2&replica=" + ENCODED + "' AS y");
      assertThat(txid(db, "y")).isEqualTo("0000000000000002");
    }
  }

  @Test
  void aNameIsTakenUntilItIsGivenBack() throws SQLException {
    Litestream.register(
        NAME, LitestreamConfig.builder().url(place).property("poll_interval", "1h").build());
    LitestreamConfig other = LitestreamConfig.builder().url(place).txid("2").build();
    assertThatThrownBy(() -> Litestream.register(NAME, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("another replica is registered as " + NAME + "; unregister it first");
    assertThat(Litestream.unregister(NAME)).isTrue();
    assertThat(Litestream.unregister(NAME)).isFalse();
    Litestream.register(NAME, other);
    try (Connection db = open()) {
      assertThat(txid(db, "main")).isEqualTo("0000000000000002");
    }
  }

  @Test
  void openConnectionsOutliveTheName() throws SQLException {
    try (Connection db = open()) {
      Litestream.unregister(NAME);
      assertThat(txid(db, "main")).hasSize(16);
      assertThatThrownBy(RegistryTest::open)
          .hasMessageStartingWith(
              "no replica is registered as " + NAME + "; call Litestream.register first");
      assertThatThrownBy(
              () ->
                  db.createStatement()
                      .execute("ATTACH 'file:y?vfs=litestream&replica=" + ENCODED + "' AS y"))
          .hasMessageContaining("no replica is registered as " + NAME);
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatThrownBy(() -> Litestream.register(" ", config)).hasMessageContaining("is empty");
    LitestreamConfig named = LitestreamConfig.builder().property("replica", "x").build();
    assertThatThrownBy(() -> Litestream.register("y", named))
        .hasMessageContaining("names another registered replica");
    assertThatThrownBy(() -> DriverManager.getConnection("jdbc:litestream:/r?replica=" + ENCODED))
        .hasMessage("replica and replica_url are both given; leave one out");
  }
}

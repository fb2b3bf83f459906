package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.Version;
import io.litestream.testkit.fixture.Fixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConnection;

class LitestreamDriverTest {

  private static final LitestreamDriver DRIVER = new LitestreamDriver();

  @TempDir static Path temp;
  private static String url;

  @BeforeAll
  static void unpack() throws IOException {
    url = "jdbc:litestream:" + Fixture.named("ledger-blocks-file").unpack(temp);
  }

  private static Connection open(String parameters) throws SQLException {
    return DriverManager.getConnection(url + "?poll_interval=1h&" + parameters);
  }

  private static Connection connect(String accepted, Properties properties) throws SQLException {
    return Objects.requireNonNull(DRIVER.connect(accepted, properties));
  }

  private static Properties properties(Object... namesAndValues) {
    Properties properties = new Properties();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return properties;
  }

  private static String one(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  // ---------------------------------------------------------------------------------------------
  // the driver's contract

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::type))
        .contains(LitestreamDriver.class);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "jdbc:sqlite:x",
        "jdbc:",
        "litestream:",
        "jdbc:litestream",
        "%",
        "?",
        "\0",
        "jdbc"
      })
  void leavesOtherUrlsToOthers(String other) throws SQLException {
    assertThat(DRIVER.acceptsURL(other)).isFalse();
    assertThat(DRIVER.connect(other, new Properties())).isNull();
    assertThat(DRIVER.connect(other, null)).isNull();
    assertThat(DRIVER.getPropertyInfo(other, null)).isNotEmpty();
  }

  @Test
  void acceptsUrlsThatAreOursWhateverTheySay() {
    for (String text : new String[] {"", "%", "?", "#", "?a&b", "ftp:x", "\0", "?time=%zz"}) {
      assertThat(DRIVER.acceptsURL("jdbc:litestream:" + text)).isTrue();
      assertThat(DRIVER.getPropertyInfo("JDBC:LITESTREAM:" + text, null)).isNotEmpty();
      assertThatThrownBy(() -> DRIVER.connect("jdbc:litestream:" + text, null))
          .isInstanceOf(SQLNonTransientConnectionException.class);
    }
  }

  @Test
  void saysWhatItIs() {
    assertThat(DRIVER.getMajorVersion() + "." + DRIVER.getMinorVersion())
        .isEqualTo(Version.OF_JAR.replaceFirst("^(\\d+\\.\\d+)\\..*", "$1"));
    assertThat(DRIVER.jdbcCompliant()).isFalse();
    assertThatThrownBy(DRIVER::getParentLogger).hasMessageContaining("System.Logger");
  }

  // ----------------------------------------------------------------------------------------------
  // connections

  @Test
  void opensAReplica() throws SQLException {
    assertThat(DriverManager.getDriver(url)).isInstanceOf(LitestreamDriver.class);
    try (Connection db = DriverManager.getConnection(url)) {
      assertThat(db.unwrap(SQLiteConnection.class)).isSameAs(db);
      assertThat(db.isReadOnly()).isTrue();
      db.setReadOnly(false);
      db.setReadOnly(true);
      assertThat(one(db, "SELECT litestream_txid()")).hasSize(16);
    }
  }

  @Test
  void metadataShowTheLabelAlone() throws SQLException {
    try (Connection db = open("busy_timeout=5")) {
      DatabaseMetaData data = db.getMetaData();
      String label = Path.of(url).getFileName().toString();
      assertThat(data.getURL()).isEqualTo("jdbc:sqlite:file:" + label + "?vfs=litestream");
      assertThat(data.getDatabaseProductName()).isEqualTo("SQLite");
      assertThat(data.isReadOnly()).isTrue();
      assertThat(one(db, "SELECT file FROM pragma_database_list")).endsWith(label);
    }
  }

  @ParameterizedTest
  @CsvSource({"what%3F%20is%26that, what__is_that", "a'b\"c, a_b_c", "größe, gr__e", "..., ..."})
  void labelsAreMadeSafe(String directory, String label) throws Exception {
    String decoded = directory.replace("%3F", "?").replace("%20", " ").replace("%26", "&");
    Path place = temp.resolve("labels").resolve(decoded);
    Files.createDirectories(place.getParent());
    Files.createSymbolicLink(place, Path.of(url.substring("jdbc:litestream:".length())));
    try (Connection db =
        DriverManager.getConnection("jdbc:litestream:" + place.getParent() + "/" + directory)) {
      assertThat(db.getMetaData().getURL())
          .isEqualTo("jdbc:sqlite:file:" + label + "?vfs=litestream");
      assertThat(one(db, "SELECT litestream_txid()")).hasSize(16);
    }
  }

  @Test
  void theNumberThatLeadsToASecretIsOfNoUseToOthers() throws SQLException {
    try (Connection db = open("");
        Statement statement = db.createStatement()) {
      assertThatThrownBy(
              () -> statement.execute("ATTACH 'file:x?vfs=litestream&litestream_config=1' AS x"))
          .hasMessageContaining("litestream_config is for this library's own use");
    }
  }

  @Test
  void propertiesAndUrlMayAgreeButNotDiffer() throws SQLException {
    connect(url + "?time=now", properties("time", "now")).close();
    assertThatThrownBy(() -> DRIVER.connect(url + "?time=now", properties("time", "5 minutes ago")))
        .hasMessage(
            "time is given in the URL and in the Properties with different values; leave one out");
    assertThatThrownBy(() -> DRIVER.connect(url, properties("wombat", "x")))
        .hasMessageContaining("unknown parameter wombat");
    assertThatThrownBy(() -> DRIVER.connect(url, properties("time", new Object())))
        .hasMessageContaining("not text");
    assertThatThrownBy(
            () -> DRIVER.connect(url, properties("poll-interval", "1s", "pollInterval", "1s")))
        .hasMessageContaining("the Properties has the parameter poll_interval twice");
    Properties defaults = new Properties(properties("poll_interval", "soon"));
    assertThatThrownBy(() -> DRIVER.connect(url, defaults))
        .hasMessageContaining("poll_interval=soon");
  }

  @Test
  void otherTypesThanTextAreTaken() throws SQLException {
    connect(url, properties("poll_interval", Duration.ofHours(1), "busy_timeout", 7, "mode", "ro"))
        .close();
  }

  @Test
  void userAndPasswordAreTheKeyAndItsSecret() throws SQLException {
    connect(url, properties("user", "", "password", " ")).close();
    assertThatThrownBy(() -> DRIVER.connect(url, properties("user", "me", "password", "CANARY")))
        .hasMessageContaining("access_key_id is for s3: replicas")
        .hasMessageNotContainingAny("me;", "CANARY");
  }

  // ----------------------------------------------------------------------------------------------
  // what is sqlite-jdbc's

  @Test
  void sqliteJdbcsPropertiesWork() throws SQLException {
    String sql = "PRAGMA busy_timeout";
    try (Connection inUrl = open("busy_timeout=1234&foreign_keys=true");
        Connection inProperties = connect(url, properties("busy_timeout", "1235"))) {
      assertThat(one(inUrl, sql)).isEqualTo("1234");
      assertThat(one(inUrl, "PRAGMA foreign_keys")).isEqualTo("1");
      assertThat(one(inProperties, sql)).isEqualTo("1235");
      assertThat(one(inProperties, "PRAGMA foreign_keys")).isEqualTo("0");
    }
  }

  @ParameterizedTest
  @CsvSource({"date_class=TEXT, text", "dateClass=INTEGER, integer", "date-class=REAL, real"})
  void datesAreStoredAsSqliteJdbcIsTold(String parameter, String type) throws SQLException {
    try (Connection db = open(parameter);
        PreparedStatement statement = db.prepareStatement("SELECT typeof(?)")) {
      statement.setTimestamp(1, new Timestamp(1_700_000_000_000L));
      assertThat(statement.executeQuery().getString(1)).isEqualTo(type);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode=ro",
        "mode=rw",
        "cache=private",
        "cache=shared",
        "shared_cache=true",
        "immutable=1",
        "nolock=1",
        "psow=0",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "temp_store=MEMORY",
        "open_mode=1",
        "transaction_mode=DEFERRED",
        "enable_load_extension=true",
        "limit_attached=3",
        "jdbc.explicit_readonly=true",
        "read_uncommitted=true"
      })
  void whatOthersSetDoesNotPreventTheOpen(String parameter) throws SQLException {
    try (Connection db = open(parameter)) {
      assertThat(one(db, "SELECT litestream_txid()")).hasSize(16);
    }
  }

  @Test
  void cacheSizeIsBytesOfOurCache() throws SQLException {
    long before = NativeCore.stats().cacheLimit();
    try (Connection db = connect(url, properties("cache_size", "9000000"))) {
      assertThat(NativeCore.stats().cacheLimit()).isEqualTo(9_000_000);
      assertThat(one(db, "PRAGMA cache_size")).isEqualTo("-2000");
    } finally {
      NativeCore.cacheLimit(before);
    }
  }
}

package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.internal.config.Parameter;
import io.litestream.testkit.fixture.Fixture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LitestreamDataSourceTest {

  @TempDir static Path temp;
  private static String place;

  @BeforeAll
  static void unpack() throws IOException {
    place = Fixture.named("ledger-blocks-file").unpack(temp).toString();
  }

  private static void assertOpens(DataSource source) throws SQLException {
    try (Connection db = source.getConnection()) {
      assertThat(db.createStatement().executeQuery("SELECT litestream_txid()").getString(1))
          .hasSize(16);
    }
  }

  private static Method setter(Parameter parameter) throws NoSuchMethodException {
    String camel =
        Pattern.compile("(?:^|_)([a-z])")
            .matcher(parameter.key())
            .replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
    return LitestreamDataSource.class.getMethod("set" + camel, String.class);
  }

  @ParameterizedTest
  @EnumSource
  void everyParameterHasASetter(Parameter parameter) throws Exception {
    LitestreamDataSource bean = new LitestreamDataSource();
    setter(parameter).invoke(bean, "some value");
    LitestreamDataSource made = new LitestreamDataSource(LitestreamConfig.builder().build());
    assertThatThrownBy(() -> setter(parameter).invoke(made, "some value"))
        .rootCause()
        .hasMessage(
            "this data source was made with a configuration; set " + parameter.key() + " there");
    String failure = "";
    try {
      if (parameter != Parameter.REPLICA_URL && parameter != Parameter.REPLICA) {
        bean.setReplicaUrl(place);
      }
      bean.getConnection().close();
    } catch (SQLException e) {
      failure = String.valueOf(e.getMessage());
    }
    boolean free = parameter == Parameter.BUFFER_PATH || parameter == Parameter.HYDRATION_PATH;
    assertThat(failure).as("the value arrives").contains(free ? "" : expected(parameter));
  }

  private static String expected(Parameter parameter) {
    return switch (parameter) {
      case REPLICA_URL -> "the replica URL has no scheme";
      case REPLICA -> "no replica is registered as some value";
      default -> parameter.key();
    };
  }

  @Test
  void opensFromSettersUrlAndBuilder() throws SQLException {
    LitestreamDataSource bean = new LitestreamDataSource();
    bean.setReplicaUrl(place);
    bean.setPollInterval("1h");
    assertOpens(bean);
    LitestreamDataSource byUrl = new LitestreamDataSource();
    byUrl.setUrl("jdbc:litestream:" + place + "?poll_interval=1h");
    byUrl.setTxid("2");
    assertOpens(byUrl);
    LitestreamDataSource byPath = new LitestreamDataSource();
    byPath.setUrl(place);
    assertOpens(byPath);
    assertOpens(
        LitestreamDataSource.builder()
            .url(place)
            .time(Instant.now())
            .pollInterval(Duration.ofHours(1))
            .openTimeout(Duration.ofSeconds(9))
            .requestTimeout(Duration.ofSeconds(9))
            .maxStale(Duration.ofDays(2))
            .property("date_class", "TEXT")
            .buildDataSource());
  }

  @Test
  void withoutAPlaceItSaysWhatToSet() {
    assertThatThrownBy(() -> new LitestreamDataSource().getConnection())
        .isInstanceOf(SQLNonTransientConnectionException.class)
        .hasMessageContaining("no replica is set")
        .hasMessageContaining("LITESTREAM_REPLICA_URL");
  }

  @Test
  void userAndPasswordAreTheKeyUnlessAnotherIsConfigured() throws SQLException {
    LitestreamDataSource file = new LitestreamDataSource();
    file.setReplicaUrl(place);
    file.getConnection("", " ").close();
    file.getConnection(null, null).close();
    LitestreamDataSource s3 =
        LitestreamDataSource.builder()
            .url("s3://bucket/app")
            .endpoint("127.0.0.1:1")
            .credentials("CANARYID", "CANARYSECRET")
            .property("open_timeout", "1ms")
            .property("request_timeout", "1ms")
            .buildDataSource();
    assertThatThrownBy(() -> s3.getConnection("OTHERCANARY", "CANARYSECRET"))
        .isInstanceOf(SQLNonTransientConnectionException.class)
        .hasMessage(
            "access_key_id is given in the configuration and in user with different values; leave"
                + " one out");
    assertThatThrownBy(() -> s3.getConnection("CANARYID", "OTHERCANARY"))
        .hasMessageContaining("secret_access_key is given in the configuration and in password")
        .hasMessageNotContaining("CANARY");
    assertThatThrownBy(() -> s3.getConnection("CANARYID", "CANARYSECRET"))
        .hasMessageContaining("s3://bucket/app")
        .hasMessageNotContaining("CANARY");
  }

  @Test
  void theLoginTimeoutIsTheOpenTimeoutOfThoseWhoSetNone() throws Exception {
    LitestreamDataSource source = new LitestreamDataSource();
    source.setReplicaUrl(Files.createDirectory(temp.resolve("empty")).toString());
    source.setLoginTimeout(1);
    assertThat(source.getLoginTimeout()).isEqualTo(1);
    long start = System.nanoTime();
    assertThatThrownBy(source::getConnection).hasMessageContaining("no replica at");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));
    source.setOpenTimeout("1ms");
    assertThatThrownBy(source::getConnection).hasMessageContaining("no replica at");
  }

  @Test
  void logWriterAndWrapping() throws SQLException {
    LitestreamDataSource source = new LitestreamDataSource();
    assertThat(source.getLogWriter()).isNull();
    PrintWriter writer = new PrintWriter(new StringWriter());
    source.setLogWriter(writer);
    assertThat(source.getLogWriter()).isSameAs(writer);
    assertThat(source.isWrapperFor(LitestreamDataSource.class)).isTrue();
    assertThat(source.isWrapperFor(Connection.class)).isFalse();
    assertThat(source.unwrap(DataSource.class)).isSameAs(source);
    assertThatThrownBy(() -> source.unwrap(Connection.class))
        .hasMessage("a LitestreamDataSource is no java.sql.Connection");
    assertThatThrownBy(source::getParentLogger).hasMessageContaining("System.Logger");
  }

  @Test
  void isShownWithoutSecrets() {
    LitestreamDataSource bean = new LitestreamDataSource();
    bean.setUrl("jdbc:litestream:s3://bucket/app?session_token=CANARY");
    bean.setAccessKeyId("CANARY");
    bean.setSecretAccessKey("CANARY");
    bean.setPollInterval("7s");
    assertThat(bean.toString())
        .startsWith("LitestreamDataSource{")
        .contains("s3://bucket/app", "poll_interval=7s", "secret_access_key=[hidden]")
        .doesNotContain("CANARY");
    bean.setEndpoint("http://user:CANARY@host");
    assertThat(bean.toString())
        .startsWith("LitestreamDataSource[endpoint has a user")
        .doesNotContain("CANARY");
    assertThat(
            LitestreamConfig.builder()
                .property("replica", "x")
                .endpoint("http://user:CANARY@host")
                .build()
                .toString())
        .contains("endpoint=[hidden]");
  }

  @Test
  void configurationsWithEqualSettingsAreEqual() {
    LitestreamConfig one =
        LitestreamConfig.builder().url("s3://b/a").region("r").credentials("k", "s").build();
    Properties properties = new Properties();
    properties.setProperty("region", "r");
    properties.setProperty("user", "k");
    properties.setProperty("password", "s");
    LitestreamConfig other = LitestreamConfig.parse("jdbc:litestream:s3://b/a", properties);
    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other).hasToString(other.toString());
    LitestreamConfig third =
        LitestreamConfig.builder().url("s3://b/a").region("r").credentials("k", "t").build();
    assertThat(one).isNotEqualTo(third).isNotEqualTo("s3://b/a").isNotEqualTo(null);
    assertThat(one.toString()).isEqualTo(third.toString());
  }
}

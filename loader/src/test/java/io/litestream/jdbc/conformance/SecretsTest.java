package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.LitestreamDataSource;
import io.litestream.jdbc.LitestreamDriver;
import io.litestream.jdbc.internal.config.JdbcUrl;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mistakes in what a replica is opened with, beside a secret or inside one: nobody shows it. */
@ExtendWith(LeakCheck.class)
class SecretsTest {

  private static final String CANARY = "canary";

  /** Base64 of 32 bytes, as a key of SSE-C has to be. */
  private static final String CUSTOMER_KEY = "canaryzanaryzanaryzanaryzanaryzanaryzanaryw=";

  /** Nobody listens there. */
  private static final String NOWHERE =
      "&endpoint=localhost:1&region=r&open_timeout=1ms&request_timeout=100ms";

  @TempDir Path temp;
  private ErrorScene scene;
  private Told told;

  @BeforeEach
  void start() throws Exception {
    scene = new ErrorScene(temp);
    told = new Told();
    Sql.one(scene.db(), "SELECT n FROM t");
  }

  @AfterEach
  void stop() throws Exception {
    told.close();
    scene.close();
  }

  private void assertHidden() throws Exception {
    told.assertHides(temp, List.of(CANARY));
  }

  private interface Open {
    @Nullable Connection run() throws Exception;
  }

  /** Notes why it does not open. */
  private void fails(Open open) throws Exception {
    try (Connection db = open.run()) {
      throw new AssertionError("opened: " + db);
    } catch (SQLException | IllegalArgumentException e) {
      told.note(e);
      assertThat(String.valueOf(e.getMessage())).isNotEmpty();
    }
  }

  /** Place and query, each wrong in its way. */
  static Stream<String> mistakes() {
    return Stream.of(
        "s3://key:canary@b/app?region=r",
        "s3://key:can/canary@b/app?region=r",
        "sftp://key:canary@h/app?region=r",
        "nonsense://key:canary@h/app?region=r",
        "file://key:canary@h/app?time=now",
        "s3://b/app?secret_access_key=canary",
        "s3://b/app?access_key_id=canary&session_token=canary",
        "s3://b/app?session_token=canary",
        "s3://b/app?secret_access_key=canary%zz",
        "s3://b/app?secret_access_key=canary%",
        "s3://b/app?secret_access_key=%ffcanary",
        "s3://b/app?secret_access_key=canary1&secret_access_key=canary2",
        "s3://b/app?secretAccessKey=canary1&secret-access-key=canary2",
        "s3://b/app?secret_acces_key=canary",
        "s3://b/app?access_key_id=canary&secret_access_key=one&canary=two",
        "s3://b/app?access_key_id=canary&secret_access_key=one&canary",
        "s3://b/app?access_key_id=canary&secret_access_key=canary&nonsense=1",
        "s3://b/app?access_key_id=canary&secret_access_key=canary&poll_interval=soon",
        "s3://b/app?access_key_id=canary&secret_access_key=canary&profile=p",
        "s3://b/app?sse_customer_key=canary",
        "s3://b/app?sse_customer_key=" + CUSTOMER_KEY + "&sse_customer_key_md5=canary",
        "s3://b/app?sse_customer_key=" + CUSTOMER_KEY + "&sse_kms_key_id=x",
        "s3://b/app?sse_customer_key=" + CUSTOMER_KEY + "&endpoint=http://far.example.org",
        "s3://b/app?endpoint=http://key:canary@h",
        "s3://b/app?endpoint=key:canary@h",
        "s3://b/app?endpoint=http://[canary@",
        "/r?secret_access_key=canary",
        "/r?user=me&password=canary",
        "s3://b/app?replica_url=s3%3A%2F%2Fkey%3Acanary%40b",
        "?replica=nobody&secret_access_key=canary",
        "s3://b/app?access_key_id=canary&secret_access_key=canary"
            + "&session_token=canary&sse_customer_key="
            + CUSTOMER_KEY
            + NOWHERE);
  }

  private static String place(String url) {
    return url.substring(0, url.indexOf('?'));
  }

  private static String query(String url) {
    return url.substring(url.indexOf('?') + 1);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void byUrl(String mistake) throws Exception {
    String url = JdbcUrl.PREFIX + mistake;
    LitestreamDriver driver = new LitestreamDriver();
    fails(() -> driver.connect(url, null));
    for (DriverPropertyInfo info : driver.getPropertyInfo(url, null)) {
      told.note(info.name + info.value + info.description);
    }
    LitestreamDataSource source = new LitestreamDataSource();
    source.setUrl(url);
    fails(source::getConnection);
    told.note(source);
    assertHidden();
  }

  /** Names in Properties are whole: none is the rest of a secret. */
  static Stream<String> mistakesOfValues() {
    return mistakes().filter(mistake -> !mistake.contains("&canary"));
  }

  @ParameterizedTest
  @MethodSource("mistakesOfValues")
  void besideTheUrl(String mistake) throws Exception {
    Map<String, String> parameters;
    try {
      parameters = JdbcUrl.parse(JdbcUrl.PREFIX + mistake).parameters();
    } catch (IllegalArgumentException e) {
      told.note(e);
      assertHidden();
      return;
    }
    LitestreamDriver driver = new LitestreamDriver();
    Properties properties = new Properties();
    parameters.forEach(properties::setProperty);
    String url = JdbcUrl.PREFIX + place(mistake);
    fails(() -> driver.connect(url, properties));
    fails(() -> driver.connect(url + "?secret_access_key=other-canary" + NOWHERE, properties));
    for (DriverPropertyInfo info : driver.getPropertyInfo(url, properties)) {
      told.note(info.name + info.value + info.description);
    }
    assertHidden();
  }

  /** In a path, a question mark is nothing special. */
  static Stream<String> mistakesOfUrls() {
    return mistakes().filter(mistake -> !mistake.startsWith("/"));
  }

  /** In the URI's own query, and in that of the replica URL, escaped as it has to be or not. */
  @ParameterizedTest
  @MethodSource("mistakesOfUrls")
  void byPlainSqliteAndAttach(String mistake) throws Exception {
    String limits = "&open_timeout=1ms&request_timeout=100ms";
    for (String parameters :
        List.of(
            "replica_url=" + Sql.encode(mistake) + limits,
            "replica_url=" + mistake + limits,
            "replica_url=" + Sql.encode(place(mistake)) + limits + "&" + query(mistake))) {
      String name = "file:x?vfs=litestream&" + parameters;
      fails(() -> DriverManager.getConnection("jdbc:sqlite:" + name));
      fails(
          () -> {
            ErrorScene.run(scene.db(), "ATTACH '" + name + "' AS x");
            return scene.db();
          });
      told.note(Sql.one(scene.db(), "SELECT litestream_last_error()"));
    }
    assertHidden();
  }

  @ParameterizedTest
  @ValueSource(strings = {"user", "password"})
  void login(String which) throws Exception {
    Properties properties = new Properties();
    properties.setProperty(which, CANARY);
    for (String url :
        List.of("s3://b/app", "/r", "s3://b/app?access_key_id=other-canary" + NOWHERE)) {
      fails(() -> new LitestreamDriver().connect(JdbcUrl.PREFIX + url, properties));
    }
    LitestreamDataSource source = new LitestreamDataSource();
    source.setReplicaUrl("s3://b/app");
    source.setAccessKeyId("other-canary");
    source.setSecretAccessKey("other-canary");
    fails(() -> source.getConnection(CANARY, "other-canary"));
    fails(() -> source.getConnection("other-canary", CANARY));
    assertHidden();
  }

  @Test
  void whatIsNotText() throws Exception {
    Properties properties = new Properties();
    properties.put("secret_access_key", new StringBuilder(CANARY));
    fails(() -> new LitestreamDriver().connect(JdbcUrl.PREFIX + "/r", properties));
    properties.put("secret_access_key", CANARY.toCharArray());
    fails(() -> new LitestreamDriver().connect(JdbcUrl.PREFIX + "/r", properties));
    assertHidden();
  }
}

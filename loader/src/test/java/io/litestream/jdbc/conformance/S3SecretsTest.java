package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamConfig;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.Request;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No error, log, event or description shows a key, whatever fails and however it was given. */
@ExtendWith({LeakCheck.class, S3.class})
class S3SecretsTest {

  private static final List<Fault> FAULTS =
      List.of(
          new Fault.Status(403, "AccessDenied"),
          new Fault.Status(403, "SignatureDoesNotMatch"),
          new Fault.Status(404, "NoSuchBucket"),
          new Fault.Status(404, "NoSuchKey"),
          new Fault.Status(500, "InternalError"),
          new Fault.Reset(),
          new Fault.ShortBody(),
          new Fault.Delay(Duration.ofSeconds(3)));

  /** Does not sign well with a server of the tests: for requests that fail anyhow. */
  private static final String TOKEN = "canary-token";

  @TempDir Path temp;
  private ErrorScene scene;
  private Told told;

  /** How keys can be given. */
  enum Way {
    PROPERTIES,
    URL,
    USER_AND_PASSWORD,
    REPLICA_URL;

    Connection open(String url, String token) throws SQLException {
      Properties properties = new Properties();
      String id = S3.server().accessKey();
      String secret = S3.server().secretKey();
      String tokenParameter = token.isEmpty() ? "" : "&session_token=" + token;
      String keys = "&access_key_id=" + id + "&secret_access_key=" + secret + tokenParameter;
      return switch (this) {
        case URL -> DriverManager.getConnection(url + keys, properties);
        case REPLICA_URL -> {
          String place = url.substring("jdbc:litestream:".length());
          yield DriverManager.getConnection(
              "jdbc:sqlite:" + Sql.name(place + keys, "open_timeout=1ms", "request_timeout=1s"));
        }
        case PROPERTIES, USER_AND_PASSWORD -> {
          boolean user = this == USER_AND_PASSWORD;
          properties.setProperty(user ? "user" : "access_key_id", id);
          properties.setProperty(user ? "password" : "secret_access_key", secret);
          if (!token.isEmpty()) {
            properties.setProperty("session_token", token);
          }
          yield DriverManager.getConnection(url, properties);
        }
      };
    }
  }

  @BeforeEach
  void start() {
    scene = new ErrorScene(temp);
    told = new Told();
  }

  @AfterEach
  void stop() throws Exception {
    told.close();
    scene.close();
  }

  private void assertHidden() throws Exception {
    told.assertHides(
        temp, List.of(S3.server().accessKey(), S3.server().secretKey(), TOKEN, "canary-key"));
  }

  private static String limits() {
    return "&poll_interval=1h&open_timeout=1ms&request_timeout=1s";
  }

  @ParameterizedTest
  @EnumSource
  void whateverFailsAtOpen(Way way) throws Exception {
    String url = scene.s3() + (way == Way.REPLICA_URL ? "" : limits());
    for (Fault fault : FAULTS) {
      scene.faults(request -> true, fault);
      try (Connection db = way.open(url, TOKEN)) {
        throw new AssertionError("opened by " + db + " with " + fault);
      } catch (SQLException e) {
        told.note(e);
      }
    }
    scene.faults(request -> true, Fault.NONE);
    way.open(url, "").close();
    assertHidden();
  }

  @Test
  void whateverFailsInAnOpenConnection() throws Exception {
    String url = scene.s3() + "&poll_interval=1h&request_timeout=1s";
    for (Fault fault : FAULTS) {
      scene.faults(request -> true, Fault.NONE);
      try (Connection db = Way.URL.open(url, "")) {
        scene.faults(Request.Kind.GET, fault);
        note(() -> ErrorScene.run(db, ErrorScene.READ_ALL));
        note(() -> Litestream.refresh(db));
        told.note(Sql.one(db, "PRAGMA litestream_last_error"));
        told.note(Sql.one(db, "PRAGMA litestream_stats"));
      }
    }
    assertThat(told.logged()).isTrue();
    assertHidden();
  }

  private interface Action {
    void run() throws Exception;
  }

  /** Failing is not the point. */
  private void note(Action action) throws Exception {
    try {
      action.run();
    } catch (SQLException e) {
      told.note(e);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "REPLICA_URL", mode = EnumSource.Mode.EXCLUDE)
  void descriptions(Way way) throws Exception {
    try (Connection db = way.open(scene.s3("poll_interval=1h"), "");
        Statement statement = db.createStatement();
        PreparedStatement prepared = db.prepareStatement("SELECT ?");
        ResultSet rows = statement.executeQuery("PRAGMA database_list")) {
      while (rows.next()) {
        told.note(rows.getString("file"));
      }
      Stream.of(
              db,
              statement,
              prepared,
              rows,
              db.getMetaData(),
              db.getMetaData().getURL(),
              db.getMetaData().getUserName(),
              db.getClientInfo(),
              db.getCatalog(),
              db.getWarnings(),
              Litestream.position(db),
              Litestream.stats(),
              Litestream.storeRequests())
          .forEach(told::note);
      Sql.column(db, ErrorScene.READ_ALL);
    }
    assertHidden();
  }

  /** SQLite quotes statements, and names of files, in its own texts. */
  @Test
  void statementsThatHoldKeys() throws Exception {
    Connection db = scene.db();
    String uri =
        Sql.name(temp.resolve("missing"), "open_timeout=1ms", "secret_access_key=canary-key-1");
    String s3 = "s3://canary-key:canary-key-2@absent/app?endpoint=localhost:1";
    for (String sql :
        List.of(
            "ATTACH '" + uri + "' AS x",
            "ATTACH '" + uri + " AS x",
            "ATTACH \"" + uri + "\" AS main",
            "ATTACH '" + Sql.name(s3, "open_timeout=1ms", "request_timeout=50ms") + "' AS x",
            "SELECT * FROM \"" + uri + "\"",
            "SELECT \"session_token=canary-key-3\" FROM t WHERE \"session_token=canary-key-3\"(1)",
            "VACUUM INTO 'file:/absent/x.db?vfs=unix&secret_access_key=canary-key-1'")) {
      try {
        ErrorScene.run(db, sql);
        throw new AssertionError(sql + " succeeded");
      } catch (SQLException e) {
        told.note(e);
      }
    }
    told.note(Sql.one(db, "SELECT litestream_last_error()"));
    assertHidden();
  }

  @Test
  void configurations() throws Exception {
    LitestreamConfig config =
        LitestreamConfig.parse(
            "jdbc:litestream:s3://b/app?access_key_id=canary-key-1&secret_access_key=canary-key-2"
                + "&session_token=canary-token",
            new Properties());
    told.note(config);
    Litestream.register("canaries", config);
    try (Connection db =
        scene.open(
            "jdbc:litestream:?replica=canaries&endpoint=localhost:1"
                + "&region=us-east-1"
                + limits())) {
      throw new AssertionError("opened: " + db);
    } catch (SQLException e) {
      told.note(e);
    } finally {
      assertThat(Litestream.unregister("canaries")).isTrue();
    }
    scene.db();
    assertHidden();
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamConfig;
import io.litestream.jdbc.conformance.ParameterSamples.Sample;
import io.litestream.jdbc.conformance.ParameterSamples.Way;
import io.litestream.jdbc.internal.config.Parameter;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.replica.Replicas;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.Request;
import io.litestream.testkit.server.S3ProxyServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Every parameter of the table, in all three ways in which a replica is opened. */
@ExtendWith(LeakCheck.class)
class ParametersTest {

  private static final String BUCKET = "parameters";
  private static final String PROFILE_FILE = "aws.sharedCredentialsFile";

  @TempDir static Path temp;
  private static S3ProxyServer server;
  private static FaultProxy proxy;
  private static final List<Request> REQUESTS = new CopyOnWriteArrayList<>();
  private static SqlitePrimary primary;
  private static Connection base;
  private static Map<Parameter, Sample> samples;
  private static long cacheLimit;

  @BeforeAll
  static void start() throws Exception {
    cacheLimit = NativeCore.stats().cacheLimit();
    primary = new SqlitePrimary(temp, 1024);
    primary.run("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (7)");
    server = S3ProxyServer.start();
    proxy = FaultProxy.before(server.endpoint());
    proxy.faults(
        request -> {
          REQUESTS.add(request);
          return Fault.NONE;
        });
    try (S3Client s3 = server.client()) {
      s3.createBucket(b -> b.bucket(BUCKET));
      S3.mirror(s3, BUCKET, "app", primary);
      for (Path file : primary.files()) {
        String key = "sealed/" + primary.replica().relativize(file);
        s3.putObject(
            b ->
                b.bucket(BUCKET)
                    .key(key)
                    .sseCustomerAlgorithm("AES256")
                    .sseCustomerKey(ParameterSamples.CUSTOMER_KEY)
                    .sseCustomerKeyMD5(ParameterSamples.CUSTOMER_KEY_MD5),
            RequestBody.fromFile(file));
      }
    }
    samples =
        ParameterSamples.all(
            primary.replica().toString(),
            proxy.endpoint().toString(),
            server.accessKey(),
            server.secretKey());
    Litestream.register(
        ParameterSamples.REGISTERED,
        LitestreamConfig.builder().url(primary.replica().toString()).build());
    Path profiles = temp.resolve("profiles");
    Files.writeString(
        profiles,
        "[%s]%naws_access_key_id=%s%naws_secret_access_key=%s%n"
            .formatted(ParameterSamples.PROFILE, server.accessKey(), server.secretKey()));
    System.setProperty(PROFILE_FILE, profiles.toString());
    base = open(Way.DRIVER, Map.of(Parameter.REPLICA_URL, primary.replica().toString()));
  }

  @AfterAll
  static void stop() throws SQLException {
    base.close();
    System.clearProperty(PROFILE_FILE);
    Litestream.unregister(ParameterSamples.REGISTERED);
    primary.close();
    proxy.close();
    server.close();
    NativeCore.cacheLimit(cacheLimit);
  }

  // ------------------------------------------------------------------------------------------
  // the three ways

  private static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(p -> p.getKey() + "=" + Sql.encode(p.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static Connection open(Way way, Map<Parameter, String> parameters) throws SQLException {
    return openNamed(
        way,
        parameters.entrySet().stream()
            .collect(Collectors.toMap(p -> p.getKey().key(), Map.Entry::getValue)));
  }

  private static Connection openNamed(Way way, Map<String, String> parameters) throws SQLException {
    String sqlite = "file:sample.db?vfs=litestream&" + query(parameters);
    switch (way) {
      case DRIVER:
        return DriverManager.getConnection("jdbc:litestream:?" + query(parameters));
      case URI:
        return DriverManager.getConnection("jdbc:sqlite:" + sqlite);
      default:
        Sql.run(base, "ATTACH '" + sqlite + "' AS attached");
        return base;
    }
  }

  private static void close(Way way, Connection connection) throws SQLException {
    if (way == Way.ATTACH) {
      Sql.run(connection, "DETACH attached");
    } else {
      connection.close();
    }
  }

  private static String row(Way way, Connection connection) throws SQLException {
    return Sql.one(connection, "SELECT n FROM " + (way == Way.ATTACH ? "attached.t" : "main.t"));
  }

  private static String failure(Way way, Map<String, String> parameters) throws SQLException {
    try {
      close(way, openNamed(way, parameters));
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError(way + " opened");
  }

  private static Sample sample(Parameter parameter) {
    return Objects.requireNonNull(
        samples.get(parameter), () -> "ParameterSamples has no value for " + parameter);
  }

  /** What opens the replica where a parameter is tried, without that parameter. */
  private static Map<Parameter, String> around(Parameter parameter) {
    Sample sample = sample(parameter);
    Map<Parameter, String> around = new EnumMap<>(Parameter.class);
    around.putAll(sample.with());
    around.put(Parameter.POLL_INTERVAL, "1h");
    if (sample.s3()) {
      boolean sealed = parameter.key().startsWith("sse_customer");
      around.put(Parameter.REPLICA_URL, "s3://" + BUCKET + (sealed ? "/sealed" : "/app"));
      around.put(Parameter.ENDPOINT, proxy.endpoint().toString());
      if (parameter != Parameter.PROFILE) {
        around.put(Parameter.ACCESS_KEY_ID, server.accessKey());
        around.put(Parameter.SECRET_ACCESS_KEY, server.secretKey());
      }
    } else if (parameter != Parameter.REPLICA) {
      around.put(Parameter.REPLICA_URL, primary.replica().toString());
    }
    around.remove(parameter);
    return around;
  }

  private static Map<String, String> with(Parameter parameter, String key, String value) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(key, value);
    around(parameter).forEach((p, v) -> all.putIfAbsent(p.key(), v));
    return all;
  }

  // --------------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void opens(Parameter parameter) throws SQLException {
    Sample sample = sample(parameter);
    for (Way way : sample.ways()) {
      Map<Parameter, String> parameters = around(parameter);
      parameters.put(parameter, sample.good());
      Connection connection = open(way, parameters);
      assertThat(row(way, connection)).as("%s", way).isEqualTo("7");
      close(way, connection);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBadValueIsNamedWithWhatIsAccepted(Parameter parameter) throws SQLException {
    Sample sample = sample(parameter);
    String bad = sample.bad();
    if (bad == null) {
      return; // every text is taken: of paths and names that nobody reads here
    }
    for (Way way : sample.ways()) {
      String text = failure(way, with(parameter, parameter.key(), bad));
      assertThat(text).as("%s", way).contains(sample.text());
      if (parameter.isSecret() || mayHoldSecret(parameter)) {
        assertThat(text).as("%s", way).doesNotContain("=" + bad);
      } else {
        assertThat(text).as("%s", way).contains(bad);
      }
    }
  }

  /** Texts whose wrong part cannot be told from a password in them. */
  private static boolean mayHoldSecret(Parameter parameter) {
    return parameter == Parameter.REPLICA_URL || parameter == Parameter.ENDPOINT;
  }

  @ParameterizedTest
  @EnumSource
  void aMisspeltNameIsAnErrorThatKnowsTheRightOne(Parameter parameter) throws SQLException {
    for (Way way : sample(parameter).ways()) {
      String name = parameter.key() + "z";
      assertThat(failure(way, with(parameter, name, "x")))
          .as("%s", way)
          .contains("unknown parameter " + name + "; did you mean " + parameter.key() + "?");
    }
  }

  /** What the server is asked once a parameter is set. */
  private static List<Request> requests(Parameter parameter, String value) throws SQLException {
    Replicas.retireUnused(); // else a further connection costs no request
    REQUESTS.clear();
    Map<Parameter, String> parameters = around(parameter);
    parameters.put(parameter, value);
    try (Connection connection = open(Way.DRIVER, parameters)) {
      assertThat(row(Way.DRIVER, connection)).isEqualTo("7");
    }
    assertThat(REQUESTS).isNotEmpty();
    return List.copyOf(REQUESTS);
  }

  @Test
  void whoAsksAndWhereReachesTheServer() throws SQLException {
    String key = server.accessKey();
    for (Parameter parameter : ParameterSamples.KEYS) {
      assertThat(requests(parameter, sample(parameter).good()))
          .allSatisfy(r -> assertThat(r.header("Authorization")).contains("Credential=" + key));
    }
    assertThat(requests(Parameter.PROFILE, ParameterSamples.PROFILE))
        .allSatisfy(r -> assertThat(r.header("Authorization")).contains("Credential=" + key));
    assertThat(requests(Parameter.REGION, "eu-west-7"))
        .allSatisfy(r -> assertThat(r.header("Authorization")).contains("/eu-west-7/s3/"));
    assertThat(requests(Parameter.SESSION_TOKEN, ParameterSamples.SESSION_TOKEN))
        .allSatisfy(
            r ->
                assertThat(r.header("X-Amz-Security-Token"))
                    .isEqualTo(ParameterSamples.SESSION_TOKEN));
    assertThat(requests(Parameter.FORCE_PATH_STYLE, "true"))
        .allSatisfy(r -> assertThat(r.target()).startsWith("/" + BUCKET));
  }

  @Test
  void theCustomerKeyGoesWithEachRead() throws SQLException {
    String header = "X-Amz-Server-Side-Encryption-Customer-";
    assertThat(requests(Parameter.SSE_CUSTOMER_KEY, ParameterSamples.CUSTOMER_KEY))
        .filteredOn(r -> r.kind() == Request.Kind.GET)
        .isNotEmpty()
        .allSatisfy(
            r -> {
              assertThat(r.header(header + "Algorithm")).isEqualTo("AES256");
              assertThat(r.header(header + "Key")).isEqualTo(ParameterSamples.CUSTOMER_KEY);
              assertThat(r.header(header + "Key-MD5")).isEqualTo(ParameterSamples.CUSTOMER_KEY_MD5);
            });
    Map<String, String> without =
        with(Parameter.SSE_CUSTOMER_KEY, Parameter.REGION.key(), "us-east-1");
    assertThat(failure(Way.DRIVER, without)).contains("the request was refused (HTTP 400");
  }

  @Test
  void sqliteJdbcsBelongToTheDriver() throws SQLException {
    assertThat(failure(Way.ATTACH, with(Parameter.TIME, "busy_timeout", "5")))
        .contains("busy_timeout is a parameter of jdbc:litestream: URLs only");
  }

  @Test
  void cacheSizeIsSqlitesPragmaInUrlsOfSqliteJdbc() throws SQLException {
    long before = NativeCore.stats().cacheLimit();
    try (Connection db = openNamed(Way.URI, with(Parameter.CACHE_SIZE, "cache_size", "1234"))) {
      assertThat(Sql.one(db, "PRAGMA cache_size")).isEqualTo("1234");
      assertThat(NativeCore.stats().cacheLimit()).isEqualTo(before);
    }
  }

  @Test
  void s3ParametersAreRefusedForDirectories() throws SQLException {
    for (Parameter parameter : Parameter.values()) {
      Sample sample = sample(parameter);
      if (sample.s3()) {
        for (Way way : Way.values()) {
          assertThat(failure(way, with(Parameter.TIME, parameter.key(), sample.good())))
              .contains(parameter.key() + " is for s3: replicas", primary.replica().toString());
        }
      }
    }
  }
}

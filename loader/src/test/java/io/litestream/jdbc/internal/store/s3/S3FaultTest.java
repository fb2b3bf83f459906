package io.litestream.jdbc.internal.store.s3;

import static io.litestream.jdbc.internal.store.s3.ScriptedServer.bytes;
import static io.litestream.jdbc.internal.store.s3.ScriptedServer.error;
import static io.litestream.jdbc.internal.store.s3.ScriptedServer.listing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.RetryingStore;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the S3 store makes of servers that fail, and of servers that lie. */
class S3FaultTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final LtxName NAME = LtxName.raw(1);
  private static final LtxObject OBJECT = new LtxObject(NAME, 100, "e", null);
  private static final byte[] BODY = new byte[100];
  private static final String CUSTOMER_KEY = "Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5MTI=";

  static {
    for (int i = 0; i < BODY.length; i++) {
      BODY[i] = (byte) i;
    }
  }

  private final Map<String, String> env =
      new HashMap<>(
          Map.of(
              "AWS_ACCESS_KEY_ID", "canaryid",
              "AWS_SECRET_ACCESS_KEY", "canarysecret",
              "AWS_SESSION_TOKEN", "canarytoken"));
  private ScriptedServer server;
  private S3Store store;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer();
    store = open("s3://bucket/app");
  }

  @AfterEach
  void stop() {
    store.close();
    server.close();
  }

  private S3Store open(String url) {
    env.put("LITESTREAM_S3_ENDPOINT", server.endpoint().toString());
    return new S3Store((S3Url) ReplicaUrl.parse(url, env::get));
  }

  /** The failure of a read of bytes 10-29, with the layout known. */
  private StoreException failure(ScriptedServer.Answer answer) throws StoreException {
    knowLayout();
    server.then(answer);
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.read(OBJECT, 10, 20, TIMEOUT));
    assertThat(e).isNotNull();
    assertThat(Secrets.textOf(e)).doesNotContain("canary");
    assertThat(e).hasMessageContaining("s3://bucket/app/0000/" + NAME.fileName());
    return e;
  }

  private void knowLayout() throws StoreException {
    server.then(listing("", "app/0000/" + NAME.fileName()));
    assertThat(store.list(0, null, TIMEOUT)).hasSize(1);
  }

  private static ScriptedServer.Answer range() {
    return bytes(206, "bytes 10-29/100", "\"e\"", Arrays.copyOfRange(BODY, 10, 30), 20);
  }

  @Test
  void readsARangeOfTheVersionThatWasListed() throws Exception {
    knowLayout();
    Fetched fetched = readRange(range());
    assertThat(fetched)
        .usingRecursiveComparison()
        .isEqualTo(new Fetched(OBJECT, 10, Arrays.copyOfRange(BODY, 10, 30)));
    ScriptedServer.Asked asked = server.asked.getLast();
    assertThat(asked.uri().getRawPath()).isEqualTo("/bucket/app/0000/" + NAME.fileName());
    assertThat(asked.header("Range")).isEqualTo("bytes=10-29");
    assertThat(asked.header("If-Match")).isEqualTo("\"e\"");
    assertThat(asked.header("X-Amz-Security-Token")).isEqualTo("canarytoken");
    assertThat(asked.header("Authorization")).contains("canaryid").contains("us-east-1");
  }

  private Fetched readRange(ScriptedServer.Answer answer) throws StoreException {
    server.then(answer);
    return store.read(OBJECT, 10, 20, TIMEOUT);
  }

  @ParameterizedTest
  @CsvSource({
    "500, InternalError, TRANSIENT",
    "502, '', TRANSIENT",
    "503, SlowDown, TRANSIENT",
    "503, '', TRANSIENT",
    "429, TooManyRequests, TRANSIENT",
    "408, '', TRANSIENT",
    "400, RequestTimeout, TRANSIENT",
    "409, OperationAborted, TRANSIENT",
    "404, NoSuchKey, NOT_FOUND",
    "404, NoSuchBucket, UNUSABLE",
    "404, '', UNUSABLE",
    "412, PreconditionFailed, CHANGED",
    "416, InvalidRange, CHANGED",
    "401, Unauthorized, DENIED",
    "403, AccessDenied, DENIED",
    "403, '', DENIED",
    "403, SignatureDoesNotMatch, DENIED",
    "400, ExpiredToken, DENIED",
    "400, InvalidToken, DENIED",
    "400, InvalidArgument, UNUSABLE",
    "400, AuthorizationHeaderMalformed, UNUSABLE",
    "301, PermanentRedirect, UNUSABLE",
  })
  void answers(int status, String code, Kind kind) throws Exception {
    assertThat(failure(error(status, code, "echo canaryid canarysecret canarytoken")).kind())
        .isEqualTo(kind);
    assertThat(server.asked).as("one attempt").hasSize(2);
  }

  @Test
  @DisplayName("C-43: a refused request says which permission is missing")
  void denied() throws Exception {
    assertThat(failure(error(403, "AccessDenied", "no")))
        .hasMessageContaining("s3:GetObject")
        .hasMessageContaining("AWS_ACCESS_KEY_ID");
    server.then(error(403, "AccessDenied", "no"));
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
    assertThat(e).hasMessageContaining("s3:ListBucket on bucket bucket");
    server.then(error(403, "AccessDenied", "no"));
    e = catchThrowableOfType(StoreException.class, () -> store.probe(NAME, 10, TIMEOUT));
    assertThat(e.kind()).isEqualTo(Kind.DENIED);
    assertThat(failure(error(400, "ExpiredToken", "no"))).hasMessageContaining("have expired");
    assertThat(failure(error(301, "PermanentRedirect", "no")))
        .hasMessageContaining("parameter region");
  }

  static Stream<Arguments> lies() {
    byte[] part = Arrays.copyOfRange(BODY, 10, 30);
    return Stream.of(
        Arguments.of(
            "short body", Kind.TRANSIENT, bytes(206, "bytes 10-29/100", "\"e\"", new byte[7], 20)),
        Arguments.of(
            "no body", Kind.TRANSIENT, bytes(206, "bytes 10-29/100", "\"e\"", new byte[0], 20)),
        Arguments.of(
            "too few, consistently",
            Kind.TRANSIENT,
            bytes(206, "bytes 10-16/100", "\"e\"", new byte[7], 7)),
        Arguments.of(
            "long body", Kind.TRANSIENT, bytes(206, "bytes 10-29/100", "\"e\"", BODY, 100)),
        Arguments.of(
            "other bytes", Kind.TRANSIENT, bytes(206, "bytes 0-19/100", "\"e\"", part, 20)),
        Arguments.of("no Content-Range", Kind.TRANSIENT, bytes(206, "", "\"e\"", part, 20)),
        Arguments.of(
            "odd Content-Range", Kind.TRANSIENT, bytes(206, "bytes 10-29/*", "\"e\"", part, 20)),
        Arguments.of("whole object", Kind.TRANSIENT, bytes(200, "", "\"e\"", BODY, 100)),
        Arguments.of("200 of the right length", Kind.TRANSIENT, bytes(200, "", "\"e\"", part, 20)),
        Arguments.of("other size", Kind.CHANGED, bytes(206, "bytes 10-29/101", "\"e\"", part, 20)),
        Arguments.of("other ETag", Kind.CHANGED, bytes(206, "bytes 10-29/100", "\"f\"", part, 20)),
        Arguments.of("no ETag", Kind.UNUSABLE, bytes(206, "bytes 10-29/100", "", part, 20)),
        Arguments.of(
            "compressed",
            Kind.TRANSIENT,
            (ScriptedServer.Answer)
                exchange -> {
                  exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                  bytes(206, "bytes 10-29/100", "\"e\"", part, 20).send(exchange);
                }),
        Arguments.of("reset", Kind.TRANSIENT, (ScriptedServer.Answer) exchange -> {}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void lies(String what, Kind kind, ScriptedServer.Answer answer) throws Exception {
    assertThat(failure(answer).kind()).as(what).isEqualTo(kind);
  }

  @Test
  void aServerWithoutRangesMaySendASmallObjectWhole() throws Exception {
    knowLayout();
    server.then(bytes(200, "", "\"e\"", BODY, 100));
    assertThat(store.read(OBJECT, 0, 1000, TIMEOUT).bytes()).isEqualTo(BODY);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aStalledServerCostsNoMoreThanTheDeadline(boolean afterHeaders) throws Exception {
    knowLayout();
    server.then(
        exchange -> {
          if (afterHeaders) {
            bytes(206, "bytes 10-29/100", "\"e\"", new byte[5], 20).send(exchange);
          }
          Thread.sleep(60_000);
        });
    long began = System.nanoTime();
    StoreException e =
        catchThrowableOfType(
            StoreException.class, () -> store.read(OBJECT, 10, 20, Duration.ofMillis(500)));
    assertThat(e.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(e).hasMessageContaining("no answer within");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(TIMEOUT);
  }

  @Test
  void aServerThatTakesNoConnectionsCostsNoMoreThanTheDeadline() throws Exception {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket second = new Socket(full.getInetAddress(), full.getLocalPort());
        S3Store stuck = open("s3://b/a?endpoint=127.0.0.1:" + full.getLocalPort())) {
      assertThat(first.isConnected() && second.isConnected()).isTrue();
      long began = System.nanoTime();
      StoreException e =
          catchThrowableOfType(
              StoreException.class, () -> stuck.list(0, null, Duration.ofMillis(500)));
      assertThat(e.kind()).isEqualTo(Kind.TRANSIENT);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(TIMEOUT);
    }
  }

  @Test
  void anUntrustedCertificateIsRefusedUnlessToldOtherwise(@TempDir Path directory)
      throws Exception {
    try (ScriptedServer tls = ScriptedServer.tls(directory)) {
      String url = "s3://b/a?endpoint=" + tls.endpoint();
      try (S3Store strict = open(url)) {
        StoreException e =
            catchThrowableOfType(StoreException.class, () -> strict.list(0, null, TIMEOUT));
        assertThat(e.kind()).isEqualTo(Kind.UNUSABLE);
        assertThat(e).hasMessageContaining("certificate is not trusted");
      }
      tls.then(listing("", "a/0000/" + NAME.fileName()));
      try (S3Store lax = open(url + "&skip-verify=true")) {
        assertThat(lax.list(0, null, TIMEOUT)).hasSize(1);
      }
    }
  }

  @Test
  void nobodyListens() throws Exception {
    knowLayout();
    server.close();
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.read(OBJECT, 0, 1, TIMEOUT));
    assertThat(e.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(e).hasMessageContaining(server.endpoint().toString());
    assertThat(Secrets.textOf(e)).doesNotContain("canary");
  }

  @Test
  void retriesWhatPasses() throws Exception {
    knowLayout();
    server
        .then(error(503, "SlowDown", ""))
        .then(bytes(206, "bytes 10-29/100", "\"e\"", new byte[7], 20))
        .then(bytes(200, "", "\"e\"", BODY, 100))
        .then(range());
    ReplicaStore retrying = new RetryingStore(store, wait -> {}, () -> 7L, System::nanoTime);
    assertThat(retrying.read(OBJECT, 10, 20, TIMEOUT).bytes()).hasSize(20);
    assertThat(server.asked).hasSize(5);
  }

  @Test
  void anInterruptedThreadAsksForNothingAndStaysInterrupted() throws Exception {
    knowLayout();
    Thread.currentThread().interrupt();
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.read(OBJECT, 10, 20, TIMEOUT));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(e.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(e).hasMessageContaining("interrupted");
  }

  @Test
  void listingsAreSortedFilteredAndFollowed() throws Exception {
    String[] keys =
        Stream.of(3, 1, 2, 4)
            .map(t -> "app/0000/" + LtxName.raw(t).fileName())
            .toArray(String[]::new);
    server
        .then(
            listing(
                "<IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken>",
                keys))
        .then(
            listing(
                "",
                keys[3],
                "app/0000/" + LtxName.raw(5).fileName(),
                "app/0001/" + LtxName.raw(6).fileName()));
    assertThat(store.list(0, LtxName.raw(1), TIMEOUT))
        .extracting(o -> o.name().minTxid())
        .containsExactly(2L, 3L, 4L, 5L);
    assertThat(server.asked.getFirst().uri().getQuery())
        .contains("start-after=app/0000/" + LtxName.raw(1).fileName())
        .contains("prefix=app/0000/")
        .contains("max-keys=1000");
    assertThat(server.asked.getLast().uri().getQuery()).contains("continuation-token=t1");
  }

  @ParameterizedTest
  @CsvSource({"''", "<NextContinuationToken>t</NextContinuationToken>"})
  void aListingThatDoesNotGoOnIsAnError(String token) throws Exception {
    for (int i = 0; i < 3; i++) {
      server.then(
          listing("<IsTruncated>true</IsTruncated>" + token, "app/0000/" + NAME.fileName()));
    }
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
    assertThat(e.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(server.asked).hasSizeLessThan(3);
  }

  @ParameterizedTest
  @CsvSource({"s3://bucket, ./", "s3://bucket/, /"})
  @DisplayName("C-49: the keys that Litestream writes without a path are asked for as they are")
  void oddKeys(String url, String prefix) throws Exception {
    try (S3Store odd = open(url)) {
      String key = prefix + "0000/" + NAME.fileName();
      server.then(listing("", key));
      LtxObject listed = odd.list(0, null, TIMEOUT).getFirst();
      assertThat(server.asked.getLast().uri().getQuery()).contains("prefix=" + prefix + "0000/");
      server.then(bytes(206, "bytes 0-99/100", "\"e\"", BODY, 100));
      assertThat(odd.read(listed, 0, 100, TIMEOUT).whole()).isTrue();
      assertThat(server.asked.getLast().uri().getPath()).isEqualTo("/bucket/" + key);
    }
  }

  @Test
  void customerKeysAreSentAndNotShown() throws Exception {
    try (S3Store encrypted =
        open("s3://bucket/app?sseCustomerAlgorithm=AES256&sseCustomerKey=" + CUSTOMER_KEY)) {
      server.then(listing("", "app/0000/" + NAME.fileName()));
      assertThat(encrypted.list(0, null, TIMEOUT)).hasSize(1);
      server.then(error(403, "AccessDenied", CUSTOMER_KEY));
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> encrypted.read(OBJECT, 0, 10, TIMEOUT));
      assertThat(Secrets.textOf(e)).doesNotContain(CUSTOMER_KEY);
      ScriptedServer.Asked asked = server.asked.getLast();
      assertThat(asked.header("X-Amz-Server-Side-Encryption-Customer-Algorithm"))
          .isEqualTo("AES256");
      assertThat(asked.header("X-Amz-Server-Side-Encryption-Customer-Key")).isEqualTo(CUSTOMER_KEY);
      assertThat(asked.header("X-Amz-Server-Side-Encryption-Customer-Key-Md5")).hasSize(24);
    }
  }

  @Test
  void tigrisIsAskedToBeConsistent() throws Exception {
    S3Url url = (S3Url) ReplicaUrl.parse("s3://b/a?endpoint=fly.storage.tigris.dev", env::get);
    assertThat(url.tigris()).isTrue();
    S3Clients.Key key =
        new S3Clients.Key(server.endpoint(), "auto", true, false, true, url.credentials(), null);
    server.then(listing(""));
    try {
      S3Clients.acquire(key).client().listObjectsV2(r -> r.bucket("b"));
    } finally {
      S3Clients.release(key);
    }
    assertThat(server.asked.getLast().header("X-Tigris-Consistent")).isEqualTo("true");
  }

  @ParameterizedTest
  @CsvSource({"'', us-east-1", "EU, eu-west-1", "eu-central-1, eu-central-1"})
  void asksForTheRegionOfABucket(String constraint, String region) throws Exception {
    server.then(
        exchange -> {
          byte[] body =
              ("<?xml version=\"1.0\"?><LocationConstraint"
                      + " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                      + constraint
                      + "</LocationConstraint>")
                  .getBytes(java.nio.charset.StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
        });
    assertThat(location()).isEqualTo(region);
    server.then(error(403, "AccessDenied", "no"));
    StoreException e = catchThrowableOfType(StoreException.class, this::location);
    assertThat(e.kind()).isEqualTo(Kind.DENIED);
    assertThat(e)
        .hasMessageContaining("s3:GetBucketLocation on bucket bucket, or set the parameter region");
  }

  private String location() throws StoreException {
    S3Url url =
        (S3Url)
            ReplicaUrl.parse(
                "s3://bucket/app",
                Map.of(
                        "LITESTREAM_S3_ENDPOINT",
                        server.endpoint().toString(),
                        "AWS_ACCESS_KEY_ID",
                        "x",
                        "AWS_SECRET_ACCESS_KEY",
                        "y")
                    ::get);
    S3Clients.Key key = S3Clients.Key.of(url, "us-east-1", null);
    try (S3Connection connection = new S3Connection(url, new S3Errors(url, false), null)) {
      return connection.location(S3Clients.acquire(key), new Deadline("region", TIMEOUT));
    } finally {
      S3Clients.release(key);
    }
  }

  @Test
  void storesWithEqualSettingsShareAClient() throws Exception {
    S3Url a = (S3Url) ReplicaUrl.parse("s3://bucket/a?endpoint=localhost:1", env::get);
    S3Url b = (S3Url) ReplicaUrl.parse("s3://other/b?endpoint=localhost:1", env::get);
    S3Url c =
        (S3Url) ReplicaUrl.parse("s3://other/b?endpoint=localhost:1&skipVerify=true", env::get);
    List<S3Clients.Key> keys = Stream.of(a, b, c).map(u -> S3Clients.Key.of(u, "r", null)).toList();
    List<S3Access> clients = keys.stream().map(S3Clients::acquire).toList();
    assertThat(clients.get(0)).isSameAs(clients.get(1)).isNotSameAs(clients.get(2));
    keys.forEach(S3Clients::release);
    S3Access fresh = S3Clients.acquire(keys.getFirst());
    assertThat(fresh).isNotSameAs(clients.getFirst());
    S3Clients.release(keys.getFirst());
    assertThat(keys.toString()).doesNotContain("canary");
  }
}

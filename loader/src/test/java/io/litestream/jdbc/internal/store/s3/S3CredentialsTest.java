package io.litestream.jdbc.internal.store.s3;

import static io.litestream.jdbc.internal.store.s3.ScriptedServer.error;
import static io.litestream.jdbc.internal.store.s3.ScriptedServer.listing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/** Credentials that end while they are in use. */
class S3CredentialsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String KEY = "app/0000/" + LtxName.raw(1).fileName();

  /** Gives the same session until it is told, or made, to begin another. */
  private static final class Sessions implements AwsCredentialsProvider {
    private final AtomicInteger session = new AtomicInteger(1);
    private final AtomicInteger asked = new AtomicInteger();
    private volatile @Nullable Instant expiry;

    @Override
    public AwsCredentials resolveCredentials() {
      asked.incrementAndGet();
      AwsSessionCredentials.Builder credentials =
          AwsSessionCredentials.builder()
              .accessKeyId("canaryid" + session.get())
              .secretAccessKey("canarysecret")
              .sessionToken("canarytoken" + session.get());
      Instant end = expiry;
      if (end != null) {
        credentials.expirationTime(end);
      }
      return credentials.build();
    }
  }

  private final Sessions sessions = new Sessions();
  private ScriptedServer server;
  private S3Store store;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer();
    store = new S3Store(url(Map.of()), sessions);
  }

  @AfterEach
  void stop() {
    store.close();
    server.close();
  }

  private S3Url url(Map<String, String> env) {
    return (S3Url)
        ReplicaUrl.parse(
            "s3://bucket/app?endpoint=" + server.endpoint() + "&region=us-east-1", env::get);
  }

  /** A server that takes only sessions from {@code first} on; whose refusal ends the old one. */
  private ScriptedServer.Answer session(int first, String code, boolean next) {
    return exchange -> {
      String token = exchange.getRequestHeaders().getFirst("X-Amz-Security-Token");
      int number = Integer.parseInt(token.substring("canarytoken".length()));
      if (number >= first) {
        listing("", KEY).send(exchange);
      } else {
        if (next) {
          sessions.session.compareAndSet(first - 1, first);
        }
        error(400, code, "echo canaryid" + number + " " + token).send(exchange);
      }
    };
  }

  private StoreException refusal() {
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
    assertThat(e).isNotNull();
    assertThat(e.kind()).isEqualTo(Kind.DENIED);
    assertThat(Secrets.textOf(e)).doesNotContain("canary");
    return e;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ExpiredToken", "InvalidToken", "InvalidTokenId", "InvalidAccessKeyId"})
  void anExpiredSessionIsRenewedAndTheRequestMadeAgain(String code) throws Exception {
    server.then(session(2, code, true)).then(session(2, code, true));
    assertThat(store.list(0, null, TIMEOUT)).hasSize(1);
    assertThat(server.asked).hasSize(2);
  }

  @Test
  void refusedTwiceIsTheAnswer() {
    server.then(session(9, "ExpiredToken", false)).then(session(9, "ExpiredToken", false));
    sessions.session.set(1);
    assertThat(refusal())
        .hasMessageContaining("credentials of the provider that was given have expired")
        .hasMessageContaining("HTTP 400, ExpiredToken");
    assertThat(server.asked).as("the source gave the same: no second request").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"-5, 2", "3600, 1"})
  void aRefusalAfterTheExpiryIsTakenForOne(long secondsLeft, int requests) throws Exception {
    sessions.expiry = Instant.now().plusSeconds(secondsLeft);
    server
        .then(
            exchange -> {
              sessions.session.set(2);
              error(403, "AccessDenied", "no").send(exchange);
            })
        .then(listing("", KEY));
    if (requests == 2) {
      assertThat(store.list(0, null, TIMEOUT)).hasSize(1);
    } else {
      assertThat(refusal()).hasMessageContaining("s3:ListBucket on bucket bucket");
    }
    assertThat(server.asked).hasSize(requests);
  }

  @Test
  void aServerThatRefusesNowAndThenIsNotAskedBlindly() throws Exception {
    for (int i = 0; i < 3; i++) {
      server.then(error(403, "AccessDenied", "no")).then(listing("", KEY));
      assertThat(refusal()).hasMessageContaining("s3:ListBucket on bucket bucket");
      assertThat(store.list(0, null, TIMEOUT)).hasSize(1);
    }
    assertThat(server.asked).hasSize(6);
  }

  @Test
  @DisplayName("C-43, C-44: a key that was given and has expired is named by its source")
  void givenKeys() throws Exception {
    Map<String, String> env =
        Map.of(
            "AWS_ACCESS_KEY_ID", "canaryid",
            "AWS_SECRET_ACCESS_KEY", "canarysecret",
            "AWS_SESSION_TOKEN", "canarytoken");
    try (S3Store fixed = new S3Store(url(env))) {
      server.then(error(400, "ExpiredToken", "canarytoken"));
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> fixed.list(0, null, TIMEOUT));
      assertThat(e)
          .hasMessageContaining("credentials from AWS_ACCESS_KEY_ID have expired")
          .hasMessageContaining("cannot be renewed");
      assertThat(Secrets.textOf(e)).doesNotContain("canary");
      assertThat(server.asked).hasSize(1);
    }
  }

  @Test
  void manyConnectionsRenewOnce() throws Exception {
    int connections = 16;
    AtomicInteger made = new AtomicInteger();
    CountDownLatch allRefused = new CountDownLatch(connections);
    // As the SDK's chain: each provider knows what was good when it was made.
    RenewableCredentials credentials =
        new RenewableCredentials(
            () -> {
              Sessions one = new Sessions();
              one.session.set(made.incrementAndGet());
              return one;
            },
            true,
            System::nanoTime);
    AwsCredentials refused = credentials.resolve();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<Boolean>> renewals = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        renewals.add(
            threads.submit(
                () -> {
                  allRefused.countDown();
                  allRefused.await();
                  return credentials.renew(refused, new Deadline("test", TIMEOUT));
                }));
      }
      for (Future<Boolean> renewal : renewals) {
        assertThat(renewal.get()).isTrue();
      }
    }
    assertThat(made).hasValue(2);
    assertThat(credentials.resolve().accessKeyId()).isEqualTo("canaryid2");
  }

  @Test
  void aSourceThatHasNothingNewIsLeftAloneForAWhile() throws Exception {
    AtomicInteger made = new AtomicInteger();
    AtomicLong clock = new AtomicLong();
    RenewableCredentials credentials =
        new RenewableCredentials(
            () -> {
              made.incrementAndGet();
              return sessions;
            },
            false,
            clock::get);
    AwsCredentials refused = credentials.resolve();
    for (int i = 0; i < 10; i++) {
      assertThat(credentials.renew(refused, new Deadline("test", TIMEOUT))).isFalse();
    }
    assertThat(made).as("at the start, and once").hasValue(2);
    clock.set(Duration.ofSeconds(10).toNanos());
    assertThat(credentials.renew(refused, new Deadline("test", TIMEOUT))).isFalse();
    assertThat(made).hasValue(3);
    sessions.session.set(2);
    assertThat(credentials.renew(refused, new Deadline("test", TIMEOUT)))
        .as("it has renewed itself")
        .isTrue();
  }

  @Test
  void storesOfOneProviderShareAClient() {
    S3Clients.Key a = S3Clients.Key.of(url(Map.of()), "r", sessions);
    S3Clients.Key b = S3Clients.Key.of(url(Map.of()), "r", sessions);
    S3Clients.Key c = S3Clients.Key.of(url(Map.of()), "r", new Sessions());
    assertThat(a).isEqualTo(b).isNotEqualTo(c);
  }
}

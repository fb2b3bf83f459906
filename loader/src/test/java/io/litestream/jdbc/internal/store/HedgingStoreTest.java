package io.litestream.jdbc.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HedgingStoreTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final LtxObject OBJECT = new LtxObject(LtxName.raw(1), 1_000, "tag", null);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger sent = new AtomicInteger();
  private final Hedges hedges = new Hedges(System::nanoTime);
  private volatile Answer answer = n -> bytes(n);

  /** What the store says to its n-th read, from 1 on. */
  private interface Answer {
    Fetched to(int n) throws StoreException;
  }

  private final HedgingStore store = new HedgingStore(new CountingStore(plain()), threads, hedges);

  private ReplicaStore plain() {
    return (ReplicaStore)
        Proxy.newProxyInstance(
            ReplicaStore.class.getClassLoader(),
            new Class<?>[] {ReplicaStore.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "read", "readTail" -> answer.to(sent.incrementAndGet());
                  case "describe" -> "test";
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static Fetched bytes(int n) {
    return new Fetched(OBJECT, 0, new byte[n]);
  }

  private Fetched stalled(int n) {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return bytes(n);
  }

  private static StoreException refused() {
    return new StoreException(Kind.TRANSIENT, "503", null);
  }

  /** It is known how long requests take, and there is something saved up. */
  private void warmUp() throws StoreException {
    for (int i = 0; i < 100; i++) {
      store.read(OBJECT, 0, 1, TIMEOUT);
    }
    sent.set(0);
  }

  @AfterEach
  void end() throws InterruptedException {
    release.countDown();
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aSecondAnswerComesBeforeALateOne() throws StoreException {
    warmUp();
    long hedged = CountingStore.total().hedges();
    answer = n -> n == 1 ? stalled(n) : bytes(n);
    assertThat(store.read(OBJECT, 0, 1, TIMEOUT).bytes()).hasSize(2);
    assertThat(store.readTail(OBJECT, 1, TIMEOUT).bytes()).hasSize(3);
    assertThat(CountingStore.total().hedges() - hedged).isPositive();
  }

  @Test
  void theFirstAnswerCountsWhereTheSecondRequestFails() throws StoreException {
    warmUp();
    answer =
        n -> {
          if (n == 1) {
            return stalled(n);
          }
          release.countDown();
          throw refused();
        };
    assertThat(store.read(OBJECT, 0, 1, TIMEOUT).bytes()).hasSize(1);
  }

  @Test
  void aFailureIsToldWhenNoRequestIsLeft() throws StoreException {
    warmUp();
    answer =
        n -> {
          throw refused();
        };
    assertThatThrownBy(() -> store.read(OBJECT, 0, 1, TIMEOUT)).hasMessage("503");
    assertThat(sent).hasValue(1);
    assertThat(hedges.take()).as("no second request after a refusal").isFalse();
  }

  @Test
  void theTimeoutHoldsForBoth() throws StoreException {
    warmUp();
    answer = this::stalled;
    assertThatThrownBy(() -> store.read(OBJECT, 0, 1, Duration.ofMillis(100)))
        .hasMessageContaining("no answer within 100 ms");
    assertThat(sent).hasValue(2);
  }
}

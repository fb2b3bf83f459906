package io.litestream.jdbc.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryingStoreTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Broken broken = new Broken();
  private final List<Duration> waits = new ArrayList<>();
  private long now = 1_000;
  private final RetryingStore store =
      new RetryingStore(
          broken,
          wait -> {
            waits.add(wait);
            now += wait.toNanos();
          },
          new Random(1),
          () -> now);

  /** Fails as often as told, taking its whole time to do so where told. */
  private final class Broken implements ReplicaStore {
    private Kind kind = Kind.TRANSIENT;
    private int failures;
    private boolean slow;
    private final List<Duration> timeouts = new ArrayList<>();

    private void attempt(Duration timeout) throws StoreException {
      timeouts.add(timeout);
      if (timeouts.size() <= failures) {
        now += slow ? timeout.toNanos() : 0;
        throw new StoreException(kind, "broken", null);
      }
    }

    @Override
    public String describe() {
      return "broken";
    }

    @Override
    public String describe(LtxName name) {
      return "broken " + name;
    }

    @Override
    public List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout)
        throws StoreException {
      attempt(timeout);
      return List.of();
    }

    @Override
    public Fetched read(LtxObject object, long offset, int length, Duration timeout)
        throws StoreException {
      attempt(timeout);
      return new Fetched(object, offset, new byte[length]);
    }

    @Override
    public @Nullable Fetched probe(LtxName name, int length, Duration timeout)
        throws StoreException {
      attempt(timeout);
      return null;
    }

    @Override
    public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
      attempt(timeout);
      return new Fetched(object, 0, new byte[length]);
    }

    @Override
    public boolean listsTags() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void triesAgainWithGrowingRandomWaits() throws Exception {
    broken.failures = RetryingStore.ATTEMPTS - 1;
    assertThat(store.list(0, null, TIMEOUT)).isEmpty();
    assertThat(waits).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(waits.get(i)).isBetween(Duration.ZERO, Duration.ofMillis(100L << i));
    }
    assertThat(store.probe(LtxName.raw(1), 1, TIMEOUT)).isNull();
  }

  @Test
  void givesUp() {
    broken.failures = 100;
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
    assertThat(e).hasMessage("broken (tried 5 times)");
    assertThat(e.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(broken.timeouts).hasSize(5);
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "TRANSIENT")
  void neverTriesAgainWhatWouldFailAgain(Kind kind) {
    broken.failures = 100;
    broken.kind = kind;
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.probe(LtxName.raw(1), 1, TIMEOUT));
    assertThat(e).hasMessage("broken");
    assertThat(broken.timeouts).hasSize(1);
    assertThat(waits).isEmpty();
  }

  @Test
  void staysWithinTheTimeout() {
    broken.failures = 100;
    broken.slow = true;
    long began = now;
    LtxObject object = new LtxObject(LtxName.raw(1), 5, null, null);
    assertThatThrownBy(() -> store.read(object, 0, 5, TIMEOUT)).isInstanceOf(StoreException.class);
    assertThat(now - began).isLessThanOrEqualTo(TIMEOUT.toNanos());
    assertThat(broken.timeouts.getFirst()).isEqualTo(Duration.ofSeconds(15));
    assertThat(broken.timeouts).hasSizeGreaterThan(2);
  }

  @Test
  void anInterruptEndsIt() {
    broken.failures = 100;
    Thread.currentThread().interrupt();
    StoreException e =
        catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(e).hasMessage("broken");
    assertThat(broken.timeouts).hasSize(1);
  }
}

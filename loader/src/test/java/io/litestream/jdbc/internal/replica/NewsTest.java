package io.litestream.jdbc.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.ReplicaState;
import io.litestream.jdbc.store.LtxName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Who is told of which state, and when. */
class NewsTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final News news = new News();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<String> told = new ArrayList<>();

  private static News.Known known(long txid) {
    return new News.Known(
        txid, new ReplicaState(LtxName.hex(txid), Instant.ofEpochSecond(txid), 0));
  }

  private void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Test
  void aListenerIsToldInOrderAndAlwaysOfTheNewest() {
    news.listen(state -> told.add(state.txid()), tasks::add);
    news.tell(known(1));
    run();
    news.tell(known(2));
    news.tell(known(3));
    run();
    assertThat(told).containsExactly(LtxName.hex(1), LtxName.hex(3));
  }

  @Test
  void aStateThatComesDuringACallIsToldAfterIt() {
    news.listen(
        state -> {
          told.add(state.txid());
          if (told.size() == 1) {
            news.tell(known(2));
          }
        },
        tasks::add);
    news.tell(known(1));
    assertThat(tasks).hasSize(1);
    run();
    assertThat(told).containsExactly(LtxName.hex(1), LtxName.hex(2));
  }

  @Test
  void aListenerThatFailsIsToldOn() {
    news.listen(
        state -> {
          told.add(state.txid());
          throw new IllegalStateException("the listener's own");
        },
        tasks::add);
    news.tell(known(1));
    run();
    news.tell(known(2));
    run();
    assertThat(told).hasSize(2);
  }

  @Test
  void anEndedListenerIsNotCalledAgain() {
    Runnable end = news.listen(state -> told.add(state.txid()), tasks::add);
    assertThat(news.wanted()).isTrue();
    news.tell(known(1));
    end.run();
    end.run();
    run();
    news.tell(known(2));
    run();
    assertThat(told).isEmpty();
    assertThat(news.wanted()).isFalse();
  }

  @Test
  void aWaitEndsWithTheState() throws Exception {
    assertThat(
            news.await(
                known -> known.txid() >= 2,
                LONG,
                () -> false,
                () -> {
                  assertThat(news.wanted()).isTrue();
                  news.tell(known(1));
                  Thread.startVirtualThread(() -> news.tell(known(2)));
                }))
        .isTrue();
    assertThat(news.wanted()).isFalse();
    assertThat(
            news.await(
                known -> known.txid() >= 2, Duration.ZERO, () -> false, () -> told.add("asked")))
        .isTrue();
    assertThat(told).as("what is there needs no look").isEmpty();
  }

  @Test
  void aWaitEndsWithItsTimeOrTheReplica() throws Exception {
    assertThat(news.await(known -> false, Duration.ofMillis(1), () -> false, () -> {})).isFalse();
    assertThat(news.await(known -> false, LONG, () -> false, news::close)).isFalse();
  }

  @Test
  void aWaitEndsWithAnInterrupt() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> news.await(known -> false, LONG, () -> false, () -> {}))
        .isInstanceOf(InterruptedException.class);
    assertThat(news.wanted()).isFalse();
  }

  @Test
  void aWaitEndsWhenItIsStopped() {
    AtomicInteger asked = new AtomicInteger();
    BooleanSupplier stopped = () -> asked.incrementAndGet() == 3;
    assertThatThrownBy(() -> news.await(known -> false, LONG, stopped, () -> {}))
        .isInstanceOf(World.InterruptedWait.class);
    assertThat(news.wanted()).isFalse();
  }
}

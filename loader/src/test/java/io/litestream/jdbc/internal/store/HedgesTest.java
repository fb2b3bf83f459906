package io.litestream.jdbc.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HedgesTest {

  private static final int SMALL = 128 * 1024;
  private static final int LARGE = 2 * 1024 * 1024;
  private static final long MILLI = 1_000_000;

  private long now;
  private final Hedges hedges = new Hedges(() -> now);

  /** So many requests, answered in 20 ms but each twentieth, which takes longer. */
  private void requests(int n, int bytes, long tailMillis) {
    for (int i = 0; i < n; i++) {
      hedges.begin(bytes);
      hedges.answered(bytes, (i % 20 == 19 ? tailMillis : 20) * MILLI);
    }
  }

  @Test
  void whatIsLateHasToBeKnownFirst() {
    requests(19, SMALL, 20);
    assertThat(hedges.begin(SMALL)).isEqualTo(-1);
    hedges.answered(SMALL, 20 * MILLI);
    assertThat(hedges.begin(SMALL)).isEqualTo(30 * MILLI);
  }

  @Test
  void whatNearlyAllTakeIsNotLate() {
    requests(60, SMALL, 20);
    requests(4, SMALL, 20);
    assertThat(hedges.begin(SMALL)).isEqualTo(30 * MILLI);
    for (int i = 0; i < 10; i++) {
      hedges.answered(SMALL, 200 * MILLI);
    }
    assertThat(hedges.begin(SMALL)).isEqualTo(200 * MILLI);
  }

  @Test
  void largeRangesTakeLongerAndAreJudgedByThemselves() {
    requests(40, SMALL, 20);
    assertThat(hedges.begin(LARGE)).isEqualTo(-1);
  }

  @Test
  void answersFromNextDoorAreNeverLate() {
    for (int i = 0; i < 40; i++) {
      hedges.begin(SMALL);
      hedges.answered(SMALL, MILLI / 10);
    }
    assertThat(hedges.begin(SMALL)).isEqualTo(5 * MILLI);
  }

  @Test
  void oneInTwentyMayBeASecondOne() {
    requests(1_000, SMALL, 20);
    int burst = 0;
    while (hedges.take()) {
      burst++;
    }
    assertThat(burst).as("saved up").isEqualTo(10);
    int more = 0;
    for (int i = 0; i < 1_000; i++) {
      more += hedges.begin(SMALL) >= 0 && hedges.take() ? 1 : 0;
    }
    assertThat(more).isBetween(45, 50);
  }

  @Test
  void aStoreThatRefusesIsLeftInPeace() {
    requests(100, SMALL, 20);
    hedges.failed();
    assertThat(hedges.take()).isFalse();
    assertThat(hedges.begin(SMALL)).isEqualTo(-1);
    now += Duration.ofSeconds(10).toNanos();
    assertThat(hedges.begin(SMALL)).isPositive();
    assertThat(hedges.take()).isTrue();
  }
}

package io.litestream.jdbc.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.internal.replica.Timeline.Bracket;
import io.litestream.jdbc.store.LtxName;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimelineTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Timeline timeline = new Timeline();

  private void add(int level, long txid, int second) {
    Instant time = START.plusSeconds(second);
    timeline.add(new FileInfo(1, 1, txid, time, 0, 0, 0, 0, 0, 4096, 1, 1, 1, 0, level));
  }

  @Test
  void nothingIsKnownAtFirstAndAfterAReset() {
    assertThat(timeline.around(START)).isEqualTo(Bracket.OPEN);
    add(0, 7, 7);
    timeline.clear();
    assertThat(timeline.around(START)).isEqualTo(Bracket.OPEN);
  }

  @Test
  void anInstantLiesBetweenTheNearestKnownStates() {
    add(3, 10, 10);
    add(1, 40, 40);
    add(2, 20, 20);
    Bracket bracket = timeline.around(START.plusSeconds(25));
    assertThat(bracket.before()).isEqualTo(20);
    assertThat(bracket.after()).isEqualTo(40);
    assertThat(bracket.closed()).isTrue();
  }

  @Test
  void aStateIsNotBeforeItsOwnTime() {
    add(0, 10, 10);
    Bracket at = timeline.around(START.plusSeconds(10));
    assertThat(at.after()).isEqualTo(10);
    assertThat(at.closed()).isFalse();
    assertThat(timeline.around(START.plusSeconds(11)).before()).isEqualTo(10);
  }

  @Test
  void snapshotsBearALaterTimeThanTheirState() {
    add(LtxName.SNAPSHOT_LEVEL, 10, 30);
    assertThat(timeline.around(START.plusSeconds(20))).isEqualTo(Bracket.OPEN);
  }

  @Test
  void theOldestAreForgottenFirst() {
    for (int i = 1; i <= 10_001; i++) {
      add(0, i, i);
    }
    assertThat(timeline.around(START.plusSeconds(2)).before()).isZero();
    assertThat(timeline.around(START.plusSeconds(3)).before()).isEqualTo(2);
  }
}

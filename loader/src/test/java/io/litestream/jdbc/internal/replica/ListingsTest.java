package io.litestream.jdbc.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.replica.Listings.Round;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ListingsTest {

  private static final Catalog NOTHING = Catalog.ofLevel(0, List.of());

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Listings listings = new Listings(clock());

  private World clock() {
    return (World)
        Proxy.newProxyInstance(
            World.class.getClassLoader(), new Class<?>[] {World.class}, (p, method, args) -> now);
  }

  @BeforeEach
  void opened() {
    listings.done(NOTHING, 1, true);
  }

  /** The rounds of so many polls, one in each interval. */
  private List<Round> rounds(int polls, Duration interval) {
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < polls; i++) {
      now = now.plus(interval);
      Round due = listings.due();
      if (due != null) {
        rounds.add(due);
        listings.done(NOTHING, 1, false);
      }
    }
    return rounds;
  }

  @Test
  void aQuietReplicaIsListedByOneRequestEachFifteenSeconds() {
    assertThat(rounds(120, Duration.ofSeconds(1)))
        .containsExactly(
            Round.COMPACTED,
            Round.COMPACTED,
            Round.COMPACTED,
            Round.RAW,
            Round.COMPACTED,
            Round.COMPACTED,
            Round.COMPACTED,
            Round.RAW);
  }

  @Test
  void doubtsListEverythingAtOnce() {
    listings.demand();
    assertThat(listings.due()).isEqualTo(Round.ALL);
  }

  @Test
  void aClockThatStandsStillOrGoesBackDoesNotStopListings() {
    assertThat(rounds(40, Duration.ZERO)).containsExactly(Round.ALL, Round.ALL);
    assertThat(rounds(1, Duration.ofHours(-1))).containsExactly(Round.ALL);
  }

  @Test
  void aListingGoesOnBehindWhatBringsNothingNew() {
    LtxObject old = new LtxObject(new LtxName(1, 1, 10), 1, "a", null);
    LtxObject next = new LtxObject(new LtxName(1, 11, 20), 1, "b", null);
    listings.done(Catalog.ofLevel(1, List.of(old, next)), 15, false);
    assertThat(listings.starts()[1]).isEqualTo(old.name());
    listings.done(NOTHING, 15, false);
    assertThat(listings.starts()[1]).isEqualTo(old.name());
    listings.done(NOTHING, 15, true);
    assertThat(listings.starts()[1]).isNull();
  }
}

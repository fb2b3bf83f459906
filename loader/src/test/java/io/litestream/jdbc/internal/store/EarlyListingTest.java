package io.litestream.jdbc.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyListingTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int REFUSED = 3;

  @TempDir Path empty;

  private final List<Integer> asked = new ArrayList<>();
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  /** Its nth listing shows one file, of TXID n. */
  private final class Numbered extends ForwardingStore {

    Numbered() {
      super(Stores.open(empty.toUri().toString(), name -> null));
    }

    @Override
    public ListPage listPage(int level, @Nullable LtxName after, Duration timeout)
        throws StoreException {
      asked.add(level);
      if (level == REFUSED) {
        throw new StoreException(StoreException.Kind.DENIED, "refused", null);
      }
      LtxName name = new LtxName(level, asked.size(), asked.size());
      return new ListPage(List.of(new LtxObject(name, 1000, null, null)), true);
    }
  }

  private static long txid(ListPage page) {
    return page.files().getFirst().name().maxTxid();
  }

  @Test
  void givesEachLevelOnceWithoutAskingAgain() throws Exception {
    try (EarlyListing store = new EarlyListing(new Numbered(), waiting::add, TIMEOUT)) {
      waiting.forEach(Runnable::run);
      assertThat(asked).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      assertThat(txid(store.listPage(9, null, TIMEOUT))).isEqualTo(10);
      assertThat(txid(store.listPage(0, null, TIMEOUT))).isEqualTo(1);
      assertThat(asked).hasSize(10);
      assertThat(txid(store.listPage(0, null, TIMEOUT))).isEqualTo(11);
    }
  }

  @Test
  void asksForWhatComesAfterAFile() throws Exception {
    try (EarlyListing store = new EarlyListing(new Numbered(), waiting::add, TIMEOUT)) {
      waiting.forEach(Runnable::run);
      assertThat(txid(store.listPage(0, LtxName.raw(1), TIMEOUT))).isEqualTo(11);
      assertThat(txid(store.listPage(0, null, TIMEOUT))).isEqualTo(1);
    }
  }

  @Test
  void givesARefusalOnceToo() {
    try (EarlyListing store = new EarlyListing(new Numbered(), waiting::add, TIMEOUT)) {
      waiting.forEach(Runnable::run);
      assertThatThrownBy(() -> store.listPage(REFUSED, null, TIMEOUT)).hasMessage("refused");
      assertThat(asked).hasSize(10);
      assertThatThrownBy(() -> store.listPage(REFUSED, null, TIMEOUT)).hasMessage("refused");
      assertThat(asked).hasSize(11);
    }
  }

  @Test
  void waitsNoLongerThanTold() {
    try (EarlyListing store = new EarlyListing(new Numbered(), waiting::add, TIMEOUT)) {
      assertThatThrownBy(() -> store.listPage(2, null, Duration.ofMillis(20)))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.TRANSIENT))
          .hasMessageContaining("level 2: no answer within 20 ms");
    }
  }
}

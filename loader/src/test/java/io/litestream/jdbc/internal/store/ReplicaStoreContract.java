package io.litestream.jdbc.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store promises, run against each of them. */
public abstract class ReplicaStoreContract {

  protected static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** A store on a place that this test alone uses. */
  protected abstract ReplicaStore open() throws Exception;

  /** Stores bytes under a key relative to the replica's place. */
  protected abstract void put(String key, byte[] bytes) throws Exception;

  protected abstract void delete(String key) throws Exception;

  /** The layout that the server's own writer uses, then the other. */
  protected abstract List<Layout> layouts();

  protected static byte[] bytes(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private String key(int layout, LtxName name) {
    return layouts().get(layout).directory(name.level()) + name.fileName();
  }

  private LtxObject put(LtxName name, byte[] bytes) throws Exception {
    put(key(0, name), bytes);
    try (ReplicaStore store = open()) {
      return store.list(name.level(), null, TIMEOUT).stream()
          .filter(o -> o.name().equals(name))
          .findFirst()
          .orElseThrow();
    }
  }

  /** A probe of a file that is there. */
  protected static Fetched head(ReplicaStore store, LtxName name, int length)
      throws StoreException {
    return Objects.requireNonNull(store.probe(name, length, TIMEOUT), name::toString);
  }

  private static Kind kind(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StoreException e = catchThrowableOfType(StoreException.class, call);
    assertThat(e).isNotNull();
    return e.kind();
  }

  @Test
  @DisplayName("C-40: a place without a replica is an empty listing, at once")
  void nothingThere() throws Exception {
    try (ReplicaStore store = open()) {
      for (int level = 0; level < LtxName.LEVELS; level++) {
        assertThat(store.list(level, null, TIMEOUT)).isEmpty();
      }
      assertThat(store.probe(LtxName.raw(1), 100, TIMEOUT)).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  @DisplayName("C-49: both layouts are read")
  void bothLayouts(int layout) throws Exception {
    byte[] small = bytes(300, 1);
    put(key(layout, new LtxName(9, 1, 7)), small);
    put(key(layout, LtxName.raw(8)), small);
    try (ReplicaStore store = open()) {
      assertThat(store.list(0, null, TIMEOUT))
          .extracting(LtxObject::name)
          .containsExactly(LtxName.raw(8));
      assertThat(store.list(3, null, TIMEOUT)).isEmpty();
      assertThat(store.list(9, null, TIMEOUT))
          .singleElement()
          .satisfies(
              o -> {
                assertThat(o.size()).isEqualTo(300);
                assertThat(o.modified()).isNotNull();
                assertThat(o.tag() != null).isEqualTo(store.listsTags());
                assertThat(store.read(o, 0, 1000, TIMEOUT).bytes()).isEqualTo(small);
              });
      assertThat(store.describe(LtxName.raw(8))).contains(key(layout, LtxName.raw(8)));
    }
    try (ReplicaStore store = open()) {
      assertThat(store.probe(LtxName.raw(8), 1000, TIMEOUT)).isNotNull();
    }
  }

  @Test
  @DisplayName("C-49: two replicas in one place are never mixed")
  void oneLayoutForAllLevels() throws Exception {
    put(key(0, LtxName.raw(1)), bytes(200, 1));
    put(key(1, LtxName.raw(1)), bytes(200, 2));
    put(key(1, new LtxName(9, 1, 5)), bytes(200, 3));
    try (ReplicaStore store = open()) {
      assertThat(store.list(9, null, TIMEOUT)).isEmpty();
      assertThat(store.list(0, null, TIMEOUT))
          .singleElement()
          .satisfies(
              o -> assertThat(store.read(o, 0, 200, TIMEOUT).bytes()).isEqualTo(bytes(200, 1)));
    }
  }

  @Test
  void listsInOrderWhatIsAnLtxFileAndComesAfter() throws Exception {
    for (LtxName name :
        List.of(
            new LtxName(1, 9, 10),
            new LtxName(1, 1, 8),
            new LtxName(1, 1, 3),
            new LtxName(1, 11, 31))) {
      put(key(0, name), bytes(150, name.maxTxid()));
    }
    String directory = layouts().getFirst().directory(1);
    put(directory + "0000000000000001-0000000000000002.ltx.tmp", bytes(10, 0));
    put(directory + "0000000000000001-000000000000000A.ltx", bytes(10, 0));
    put(directory + "readme", bytes(10, 0));
    try (ReplicaStore store = open()) {
      assertThat(store.list(1, null, TIMEOUT))
          .extracting(LtxObject::name)
          .containsExactly(
              new LtxName(1, 1, 3),
              new LtxName(1, 1, 8),
              new LtxName(1, 9, 10),
              new LtxName(1, 11, 31));
      assertThat(store.list(1, new LtxName(1, 1, 8), TIMEOUT))
          .extracting(LtxObject::name)
          .containsExactly(new LtxName(1, 9, 10), new LtxName(1, 11, 31));
      assertThat(store.list(1, new LtxName(1, 9, 9), TIMEOUT)).hasSize(2);
      assertThat(store.list(1, new LtxName(1, 11, 31), TIMEOUT)).isEmpty();
    }
  }

  @Test
  void listsMoreThanOnePage() throws Exception {
    int files = 1005;
    for (int txid = 1; txid <= files; txid++) {
      put(key(0, LtxName.raw(txid)), new byte[] {1});
    }
    try (ReplicaStore store = open()) {
      List<LtxObject> all = store.list(0, null, TIMEOUT);
      assertThat(all).hasSize(files).isSortedAccordingTo((a, b) -> a.name().compareTo(b.name()));
      assertThat(store.list(0, LtxName.raw(3), TIMEOUT)).isEqualTo(all.subList(3, files));
    }
  }

  @Test
  void readsAnyRange() throws Exception {
    byte[] all = bytes(10_000, 5);
    LtxObject object = put(LtxName.raw(5), all);
    try (ReplicaStore store = open()) {
      Fetched whole = store.read(object, 0, 10_000, TIMEOUT);
      assertThat(whole.bytes()).isEqualTo(all);
      assertThat(whole.whole()).isTrue();
      assertThat(whole.object().tag()).isNotNull();
      assertThat(whole.object().size()).isEqualTo(10_000);
      LtxObject pinned = whole.object();
      for (int[] range :
          new int[][] {
            {0, 1},
            {17, 400},
            {9_999, 1},
            {9_000, 5_000},
            {0, 50_000},
            {10_000, 5},
            {20_000, 5},
            {30, 0}
          }) {
        Fetched part = store.read(pinned, range[0], range[1], TIMEOUT);
        int from = Math.min(range[0], all.length);
        assertThat(part.offset()).isEqualTo(range[0]);
        assertThat(part.bytes())
            .isEqualTo(Arrays.copyOfRange(all, from, Math.min(all.length, from + range[1])));
        assertThat(part.object()).isEqualTo(pinned);
      }
      assertThat(store.readTail(pinned, 24, TIMEOUT).bytes())
          .isEqualTo(Arrays.copyOfRange(all, 9_976, 10_000));
      assertThat(store.readTail(pinned, 24, TIMEOUT).offset()).isEqualTo(9_976);
      assertThat(store.readTail(pinned, 100_000, TIMEOUT).whole()).isTrue();
    }
  }

  @Test
  void probesByName() throws Exception {
    byte[] all = bytes(5_000, 6);
    put(LtxName.raw(6), all);
    put(key(0, LtxName.raw(7)), new byte[0]);
    try (ReplicaStore store = open()) {
      Fetched head = head(store, LtxName.raw(6), 100);
      assertThat(head.bytes()).isEqualTo(Arrays.copyOf(all, 100));
      assertThat(head.object().size()).isEqualTo(5_000);
      assertThat(store.read(head.object(), 0, 5_000, TIMEOUT).object()).isEqualTo(head.object());
      assertThat(head(store, LtxName.raw(6), 1 << 20).whole()).isTrue();
      assertThat(head(store, LtxName.raw(6), 0).bytes()).isEmpty();
      assertThat(head(store, LtxName.raw(7), 100).object().size()).isZero();
      assertThat(store.probe(LtxName.raw(8), 100, TIMEOUT)).isNull();
    }
  }

  @Test
  void noticesOtherBytesUnderTheSameName() throws Exception {
    LtxName name = LtxName.raw(9);
    LtxObject listed = put(name, bytes(1_000, 1));
    try (ReplicaStore store = open()) {
      LtxObject pinned = store.read(listed, 0, 10, TIMEOUT).object();
      store.release(pinned);
      put(key(0, name), bytes(1_000, 2));
      assertThat(kind(() -> store.read(pinned, 0, 10, TIMEOUT))).isEqualTo(Kind.CHANGED);
      assertThat(kind(() -> store.read(pinned, 0, 0, TIMEOUT))).isEqualTo(Kind.CHANGED);
      assertThat(kind(() -> store.readTail(pinned, 10, TIMEOUT))).isEqualTo(Kind.CHANGED);
      put(key(0, name), bytes(800, 2));
      LtxObject untagged = new LtxObject(name, 1_000, null, null);
      assertThat(kind(() -> store.read(untagged, 0, 10, TIMEOUT))).isEqualTo(Kind.CHANGED);
      assertThat(kind(() -> store.read(untagged, 900, 10, TIMEOUT))).isEqualTo(Kind.CHANGED);
      put(key(0, name), new byte[0]);
      assertThat(kind(() -> store.read(untagged, 0, 10, TIMEOUT))).isEqualTo(Kind.CHANGED);
    }
  }

  @Test
  void namesWhatIsGone() throws Exception {
    LtxName name = LtxName.raw(10);
    LtxObject listed = put(name, bytes(1_000, 1));
    put(key(0, LtxName.raw(11)), bytes(100, 1));
    delete(key(0, name));
    try (ReplicaStore store = open()) {
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> store.read(listed, 0, 10, TIMEOUT));
      assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(e).hasMessageContaining(name.fileName());
      assertThat(kind(() -> store.readTail(listed, 10, TIMEOUT))).isEqualTo(Kind.NOT_FOUND);
      store.release(listed);
    }
  }
}

package io.litestream.jdbc.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.internal.replica.Flights.Flight;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ranges that overlap: what is read, and that each gets its own bytes. */
class FlightsTest {

  private static final long FILE = 7;
  private static final int K = 1 << 10;
  private static final LtxObject OBJECT = new LtxObject(LtxName.raw(1), 10_000L * K, "tag", null);

  private final List<String> read = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private boolean concurrent = true;
  private String failing = "";
  private Runnable meanwhile = () -> {};
  private final Flights flights = new Flights(store(), world(), Duration.ofSeconds(1));

  private World world() {
    return (World)
        Proxy.newProxyInstance(
            World.class.getClassLoader(),
            new Class<?>[] {World.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "concurrent" -> concurrent;
                  case "later" -> later.add((Runnable) args[0]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private ReplicaStore store() {
    return (ReplicaStore)
        Proxy.newProxyInstance(
            ReplicaStore.class.getClassLoader(),
            new Class<?>[] {ReplicaStore.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "read" -> read((long) args[1], (int) args[2]);
                  case "describe" -> "test";
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private Fetched read(long offset, int length) throws StoreException {
    String range = offset / K + "-" + (offset + length) / K;
    read.add(range);
    meanwhile.run();
    if (range.equals(failing)) {
      failing = "";
      throw new StoreException(Kind.TRANSIENT, "503", null);
    }
    return new Fetched(OBJECT, offset, bytes(offset, length));
  }

  private static byte[] bytes(long offset, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ((offset + i) % 251);
    }
    return bytes;
  }

  /** From and up to, in KiB. */
  private Flight add(int from, int upto) {
    Flight flight = flights.plan(OBJECT, (long) from * K, (upto - from) * K);
    flights.add(FILE, flight);
    return flight;
  }

  private void assertBytes(Flight flight, int from, int upto) throws Exception {
    assertThat(flight.bytes()).isEqualTo(bytes((long) from * K, (upto - from) * K));
  }

  @Test
  void whatAnotherBringsAtAnEndIsLeftToIt() throws Exception {
    Flight before = add(0, 100);
    Flight after = add(150, 300);
    Flight between = add(90, 170);
    assertBytes(between, 90, 170);
    assertBytes(before, 0, 100);
    assertBytes(after, 150, 300);
    assertThat(read).containsExactly("0-100", "100-150", "150-300");
    later.forEach(Runnable::run);
    assertThat(read).hasSize(3);
  }

  @Test
  void aSmallRangeInTheMiddleIsReadOver() throws Exception {
    Flight small = add(100, 150);
    Flight large = add(200, 300);
    assertBytes(add(0, 400), 0, 400);
    assertThat(read).containsExactly("0-200", "200-300", "300-400");
    assertBytes(small, 100, 150);
    assertBytes(large, 200, 300);
    assertThat(read).hasSize(4);
  }

  @Test
  void aRangeThatSeveralBringReadsNothing() throws Exception {
    add(0, 100);
    add(50, 200);
    add(180, 300);
    assertBytes(add(20, 250), 20, 250);
    assertThat(read).containsExactly("0-100", "100-200", "200-300");
  }

  @Test
  void whereAnotherFailsTheRangeReadsByItself() throws Exception {
    Flight other = add(0, 100);
    failing = "0-100";
    assertBytes(add(50, 150), 50, 150);
    assertThat(read).containsExactly("0-100", "50-100", "100-150");
    assertThatThrownBy(other::bytes).hasMessage("503");
  }

  @Test
  void whatItReadsItselfFailsOnce() {
    add(0, 100);
    failing = "100-150";
    assertThatThrownBy(add(50, 150)::bytes).hasMessage("503");
    assertThat(read).containsExactly("0-100", "100-150");
  }

  @Test
  void whatHasEndedIsReadAgain() throws Exception {
    Flight other = add(0, 100);
    assertBytes(other, 0, 100);
    flights.end(FILE, other);
    assertBytes(add(50, 150), 50, 150);
    assertThat(read).containsExactly("0-100", "50-150");
  }

  @Test
  void aReaderDoesNotWaitForAMuchLargerRangeInTheBackground() throws Exception {
    Flight stream = flights.plan(OBJECT, 0, 4096 * K);
    stream.inBackground();
    flights.add(FILE, stream);
    assertBytes(add(4000, 4128), 4000, 4128);
    assertThat(read).containsExactly("4000-4128");
  }

  @Test
  void nothingThatIsUnderWayIsWaitedForWhereThereAreNoThreads() throws Exception {
    concurrent = false;
    Flight outer = add(0, 100);
    meanwhile =
        () -> {
          meanwhile = () -> {};
          Flight inner = add(50, 150);
          assertThat(inner.underWay()).isFalse();
          try {
            assertBytes(inner, 50, 150);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        };
    assertBytes(outer, 0, 100);
    assertThat(read).containsExactly("0-100", "50-150");
  }

  @Test
  void aRangeIsUnderWayWhenAPartOfItIs() throws Exception {
    Flight other = add(0, 100);
    Flight range = add(50, 150);
    boolean[] underWay = {false};
    meanwhile = () -> underWay[0] |= range.underWay();
    assertBytes(other, 0, 100);
    assertThat(underWay[0]).isTrue();
    assertThat(range.underWay()).isFalse();
  }
}

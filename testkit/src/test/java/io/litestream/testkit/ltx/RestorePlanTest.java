package io.litestream.testkit.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RestorePlanTest {

  private record File(LtxKey key, long createdMs) implements Listed {
    @Override
    public String toString() {
      return key.toString();
    }
  }

  /** Made at the time of the last TXID, times ten. */
  private static List<File> files(String... names) {
    return Stream.of(names)
        .map(name -> name.split("[/-]", -1))
        .map(n -> new LtxKey(number(n[0]), number(n[1]), number(n[2])))
        .map(key -> new File(key, 10 * key.maxTxid()))
        .toList();
  }

  private static int number(String s) {
    return Integer.parseInt(s, 16);
  }

  @Test
  void takesTheNewestSnapshotAndThenWhatReachesFurthest() {
    List<File> files =
        files("9/1-3", "9/1-5", "1/1-4", "1/5-8", "2/1-4", "0/7-7", "0/8-8", "0/9-9", "0/a-a");
    assertThat(RestorePlan.latest(files)).hasToString("[9/1-5, 1/5-8, 0/9-9, 0/a-a]");
  }

  @Test
  void prefersTheSmallerMinAndThenTheHigherLevel() {
    assertThat(RestorePlan.latest(files("0/1-1", "0/2-2", "1/1-2", "2/1-2")))
        .hasToString("[2/1-2]");
    assertThat(RestorePlan.latest(files("9/1-3", "1/4-6", "2/2-6"))).hasToString("[9/1-3, 2/2-6]");
  }

  @Test
  void exactTxidNeedsAFileThatEndsThere() {
    List<File> files = files("1/1-4", "1/5-8", "0/5-5", "0/6-6");
    assertThat(RestorePlan.at(files, 6)).hasToString("[1/1-4, 0/5-5, 0/6-6]");
    assertThat(RestorePlan.at(files, 7)).isEmpty();
    assertThat(RestorePlan.at(files, 3)).isEmpty();
    assertThat(RestorePlan.at(files, 9)).isEmpty();
  }

  @Test
  void instantIsStrictlyBefore() {
    List<File> files = files("9/1-2", "0/3-3", "0/4-4");
    assertThat(RestorePlan.before(files, 30)).hasToString("[9/1-2]");
    assertThat(RestorePlan.before(files, 31)).hasToString("[9/1-2, 0/3-3]");
    assertThat(RestorePlan.before(files, 20)).isEmpty();
  }

  @Test
  void gapBelowTheNewestIsAnErrorOnlyForTheLatest() {
    List<File> files = files("0/1-1", "0/2-2", "0/4-4");
    assertThatThrownBy(() -> RestorePlan.latest(files)).hasMessageContaining("after TXID 2");
    assertThat(RestorePlan.reachable(files)).hasToString("[0/1-1, 0/2-2]");
    assertThat(RestorePlan.before(files, 1000)).hasToString("[0/1-1, 0/2-2]");
    assertThat(RestorePlan.latest(files("0/2-2"))).as("nothing is reachable").isEmpty();
  }
}

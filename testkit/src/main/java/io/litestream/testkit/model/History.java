package io.litestream.testkit.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every state that a model primary ever made: what readers are judged by. */
public final class History {

  /** A state, and which of its pages it wrote (bit p-1 for page p). */
  record Change(State state, long written) {}

  private final long seed;
  private final List<State> states = new ArrayList<>();
  private final List<Integer> lineages = new ArrayList<>();

  History(long seed) {
    this.seed = seed;
  }

  /** The newest state; null before the first. */
  public @Nullable State newest() {
    return states.isEmpty() ? null : states.getLast();
  }

  /** The number of the current lineage; -1 before the first. */
  public int lineage() {
    return lineages.size() - 1;
  }

  /** A state; null when there never was one. */
  public @Nullable State state(int lineage, long txid) {
    if (lineage < 0 || lineage >= lineages.size() || txid < 1) {
      return null;
    }
    long i = lineages.get(lineage) + txid - 1;
    int end = lineage + 1 < lineages.size() ? lineages.get(lineage + 1) : states.size();
    return i < end ? states.get((int) i) : null;
  }

  /** The newest state of a lineage made strictly before an instant; null when there is none. */
  public @Nullable State before(int lineage, long ms) {
    State found = null;
    State next = state(lineage, 1);
    while (next != null && next.timestampMs() < ms) {
      found = next;
      next = state(lineage, next.txid() + 1);
    }
    return found;
  }

  /**
   * The state that wrote a page, by what the page itself says; null when it says nothing sensible.
   */
  public @Nullable State writerOf(int pgno, byte[] page, int at) {
    int stamp = PageContent.stampIn(pgno, page, at);
    return stamp >= 1 && stamp <= states.size() ? states.get(stamp - 1) : null;
  }

  /** Begins a lineage with a state of which every page is new. */
  Change begin(int pageSize, int commit, int counter, int cookie, long nowMs) {
    lineages.add(states.size());
    int[] stamps = new int[commit];
    Arrays.fill(stamps, states.size() + 1);
    return add(new State(seed, lineage(), 1, pageSize, nowMs, counter, cookie, stamps));
  }

  /**
   * Adds the state that follows the newest. It has the pages of {@code base}, but for those in
   * {@code pages}, those beyond the base's end, and page 1 where its header changes.
   */
  Change next(State base, long pages, int commit, int cookie, long nowMs) {
    boolean first = commit != base.commit() || cookie != base.schemaCookie() || (pages & 1) != 0;
    int[] stamps = base.stamps(commit);
    int stamp = states.size() + 1;
    for (int p = 1; p <= commit; p++) {
      boolean written = p == 1 ? first : p > base.commit() || (pages >>> (p - 1) & 1) != 0;
      stamps[p - 1] = written ? stamp : stamps[p - 1];
    }
    int counter = base.changeCounter() + (first ? 1 : 0);
    long txid = states.getLast().txid() + 1;
    return add(new State(seed, lineage(), txid, base.pageSize(), nowMs, counter, cookie, stamps));
  }

  private Change add(State state) {
    states.add(state);
    long written = 0;
    for (int p = 1; p <= state.commit(); p++) {
      written |= state.stamp(p) == states.size() ? 1L << (p - 1) : 0;
    }
    return new Change(state, written);
  }
}

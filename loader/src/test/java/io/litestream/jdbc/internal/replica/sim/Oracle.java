package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import io.litestream.testkit.model.History;
import io.litestream.testkit.model.State;
import io.litestream.testkit.model.StoredObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Judges what readers see by what the primary made. One for a run, over all its processes. */
final class Oracle {

  private final History history;
  private final Counters counters;
  private final Map<Long, Seen> byNumber = new HashMap<>();
  private final Map<Long, Integer> schemaByCookie = new HashMap<>();
  private final List<List<Integer>> schemas = new ArrayList<>();
  private int lastSchema;
  private byte[] scratch = new byte[0];

  /** A state that readers have seen, and whether it rests on a snapshot ahead of its name. */
  static final class Seen {
    final State state;
    private boolean ahead;

    private Seen(State state) {
      this.state = state;
    }

    boolean ahead() {
      return ahead;
    }
  }

  Oracle(History history, Counters counters) {
    this.history = history;
    this.counters = counters;
  }

  /** The state behind a state number, when a reader has met it before. */
  @Nullable Seen known(ViewInfo info) {
    Seen seen = byNumber.get(info.state());
    if (seen != null && seen.state.txid() != info.txid()) {
      throw new SimFailure(
          Kind.NUMBER, "number " + info.state() + " is " + seen.state + " and now " + info);
    }
    if (seen != null && !seen.ahead) {
      checkSize(info, seen.state);
    }
    return seen;
  }

  private static void checkSize(ViewInfo info, State state) {
    if (info.commit() != state.commit() || info.pageSize() != state.pageSize()) {
      throw new SimFailure(Kind.SIZE, info + " should be " + state);
    }
  }

  /**
   * The state that a reader sees for the first time, by one of its pages.
   *
   * @param ahead the snapshots ahead of their names that it may rest on
   */
  Seen meet(ViewInfo info, int pgno, byte[] page, Collection<StoredObject> ahead) {
    State writer = history.writerOf(pgno, page, 0);
    State state = writer == null ? null : history.state(writer.lineage(), info.txid());
    if (state == null) {
      throw new SimFailure(
          Kind.TORN, "page " + pgno + " of " + info + " is of no state: its writer is " + writer);
    }
    Seen seen = new Seen(state);
    if (ahead.stream().anyMatch(a -> endsWith(a, info, state))) {
      markAhead(seen);
    } else {
      checkSize(info, state);
    }
    byNumber.put(info.state(), seen);
    if (ahead.stream().noneMatch(a -> mayShowLater(a, state))) {
      checkCookie(info, state);
    }
    return seen;
  }

  /** Whether the state is such a snapshot's alone, and so has a later state's length. */
  private static boolean endsWith(StoredObject ahead, ViewInfo info, State state) {
    return ahead.state().lineage() == state.lineage()
        && ahead.key().maxTxid() == info.txid()
        && ahead.state().commit() == info.commit()
        && info.commit() != state.commit();
  }

  /** Whether the state's page 1, and with it its schema, may be such a snapshot's later one. */
  private static boolean mayShowLater(StoredObject ahead, State state) {
    return ahead.state().lineage() == state.lineage()
        && ahead.key().maxTxid() <= state.txid()
        && ahead.state().txid() > state.txid();
  }

  private void markAhead(Seen seen) {
    if (!seen.ahead) {
      seen.ahead = true;
      counters.aheadStates++;
    }
  }

  private void checkCookie(ViewInfo info, State state) {
    int schema = schema(state);
    Integer known = schemaByCookie.putIfAbsent(info.cookie(), schema);
    if (known != null && known != schema) {
      throw new SimFailure(
          Kind.COOKIE, "cookie " + info.cookie() + " of " + info + " was shown with other schemas");
    }
  }

  /** What SQLite's parsed schema depends on: changes with each DDL and each switch of history. */
  private int schema(State state) {
    while (schemas.size() <= state.lineage()) {
      schemas.add(new ArrayList<>());
    }
    List<Integer> ids = schemas.get(state.lineage());
    while (ids.size() < state.txid()) {
      State previous = history.state(state.lineage(), ids.size());
      State next = history.state(state.lineage(), ids.size() + 1L);
      boolean same =
          previous != null
              && next != null
              && previous.schemaCookie() == next.schemaCookie()
              && !restored(previous, next);
      ids.add(same ? ids.getLast() : ++lastSchema);
    }
    return ids.get((int) state.txid() - 1);
  }

  private static boolean restored(State previous, State next) {
    for (int p = 2; p <= Math.min(previous.commit(), next.commit()); p++) {
      if (next.stamp(p) < previous.stamp(p)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Compares bytes that were read with the state's.
   *
   * @param bytes the database's bytes from {@code offset} on
   * @param length how many of them lie within the database
   */
  void compare(
      Seen seen,
      ViewInfo info,
      byte[] bytes,
      long offset,
      int length,
      Collection<StoredObject> ahead) {
    int size = info.pageSize();
    int done = 0;
    while (done < length) {
      int pgno = (int) ((offset + done) / size) + 1;
      int from = (int) ((offset + done) % size);
      int n = Math.min(length - done, size - from);
      if (!holds(seen.state, info, pgno, from, bytes, done, n)) {
        explain(seen, info, pgno, from, bytes, done, n, ahead);
      }
      counters.pages++;
      done += n;
    }
  }

  private boolean holds(
      State state, ViewInfo info, int pgno, int from, byte[] bytes, int at, int n) {
    if (pgno > state.commit() || state.pageSize() != info.pageSize()) {
      return false;
    }
    if (scratch.length < state.pageSize()) {
      scratch = new byte[state.pageSize()];
    }
    state.write(pgno, scratch, 0);
    if (pgno == 1) {
      rewrite(info);
    }
    return Arrays.equals(scratch, from, from + n, bytes, at, at + n);
  }

  /** The fields of page 1 that a view decides. */
  private void rewrite(ViewInfo info) {
    scratch[18] = 1;
    scratch[19] = 1;
    ByteBuffer page = ByteBuffer.wrap(scratch);
    page.putInt(24, (int) info.state());
    page.putInt(28, (int) info.commit());
    page.putInt(40, (int) info.cookie());
    page.putInt(92, (int) info.state());
  }

  /** Accepts pages of a snapshot that is ahead of its name, and throws for any others. */
  private void explain(
      Seen seen,
      ViewInfo info,
      int pgno,
      int from,
      byte[] bytes,
      int at,
      int n,
      Collection<StoredObject> ahead) {
    for (StoredObject a : ahead) {
      if (a.state().lineage() == seen.state.lineage()
          && a.key().maxTxid() <= info.txid()
          && holds(a.state(), info, pgno, from, bytes, at, n)) {
        markAhead(seen);
        return;
      }
    }
    String text =
        "bytes " + from + "+" + n + " of page " + pgno + " are not those of " + seen.state;
    for (int lineage = 0; lineage <= history.lineage(); lineage++) {
      for (long txid = 1; history.state(lineage, txid) instanceof State other; txid++) {
        if (other.commit() == info.commit() && holds(other, info, pgno, from, bytes, at, n)) {
          throw new SimFailure(Kind.OTHER_STATE, text + ", but of " + other + "; " + info);
        }
      }
    }
    throw new SimFailure(Kind.TORN, text + "; " + info);
  }
}

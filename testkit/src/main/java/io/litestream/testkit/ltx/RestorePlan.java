package io.litestream.testkit.ltx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which files {@code litestream restore} overlays, in which order: the newest acceptable snapshot,
 * then greedily whatever reaches furthest from there.
 *
 * @param <T> the files' type
 */
public final class RestorePlan<T extends Listed> {

  private final List<Cursor> cursors = new ArrayList<>();
  private final List<T> chosen = new ArrayList<>();
  private final long txid;
  private final long beforeMs;
  private long reached;

  private RestorePlan(Collection<? extends T> files, long txid, long beforeMs) {
    this.txid = txid;
    this.beforeMs = beforeMs;
    List<T> sorted = new ArrayList<>(files);
    sorted.sort((a, b) -> a.key().compareTo(b.key()));
    for (int level = LtxKey.SNAPSHOTS - 1; level >= 0; level--) {
      int wanted = level;
      cursors.add(new Cursor(sorted.stream().filter(f -> f.key().level() == wanted).toList()));
    }
    for (T f : sorted) {
      if (f.key().level() == LtxKey.SNAPSHOTS && acceptable(f)) {
        chosen.clear();
        chosen.add(f);
        reached = f.key().maxTxid();
      }
    }
  }

  /**
   * The files of the newest state. Empty when there is none.
   *
   * @throws LtxFormatException when files beyond a gap exist
   */
  public static <T extends Listed> List<T> latest(Collection<? extends T> files) {
    RestorePlan<T> plan = new RestorePlan<>(files, 0, Long.MAX_VALUE);
    plan.extend();
    if (!plan.chosen.isEmpty() && plan.cursors.stream().anyMatch(c -> c.beyond(plan.reached))) {
      throw new LtxFormatException("non-contiguous files after TXID " + plan.reached);
    }
    return plan.chosen;
  }

  /** The files of the newest state that can be reached, whatever lies beyond a gap. */
  public static <T extends Listed> List<T> reachable(Collection<? extends T> files) {
    RestorePlan<T> plan = new RestorePlan<>(files, 0, Long.MAX_VALUE);
    plan.extend();
    return plan.chosen;
  }

  /** The files of exactly this state; empty when it cannot be had. */
  public static <T extends Listed> List<T> at(Collection<? extends T> files, long txid) {
    RestorePlan<T> plan = new RestorePlan<>(files, txid, Long.MAX_VALUE);
    plan.extend();
    return plan.reached == txid ? plan.chosen : List.of();
  }

  /**
   * The files of the newest state that greedy planning reaches strictly before an instant; empty if
   * none.
   */
  public static <T extends Listed> List<T> before(Collection<? extends T> files, long ms) {
    RestorePlan<T> plan = new RestorePlan<>(files, 0, ms);
    plan.extend();
    return plan.chosen;
  }

  private void extend() {
    while (txid == 0 || reached < txid) {
      @Nullable T best = null;
      for (Cursor c : cursors) {
        c.advance();
        best = better(best, c.candidate);
      }
      if (best == null) {
        return;
      }
      chosen.add(best);
      reached = best.key().maxTxid();
    }
  }

  private boolean acceptable(T f) {
    return (txid == 0 || f.key().maxTxid() <= txid) && f.createdMs() < beforeMs;
  }

  private @Nullable T better(@Nullable T a, @Nullable T b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    LtxKey x = a.key();
    LtxKey y = b.key();
    int order = Long.compare(y.maxTxid(), x.maxTxid());
    order = order != 0 ? order : Long.compare(x.minTxid(), y.minTxid());
    order = order != 0 ? order : Integer.compare(y.level(), x.level());
    order = order != 0 ? order : Long.compare(a.createdMs(), b.createdMs());
    return order <= 0 ? a : b;
  }

  /**
   * A level's files: those that begin beyond what is reached wait, the others are looked at once.
   */
  private final class Cursor {
    private final List<T> files;
    private int next;
    private @Nullable T candidate;

    Cursor(List<T> files) {
      this.files = files;
    }

    void advance() {
      if (candidate != null && candidate.key().maxTxid() <= reached) {
        candidate = null;
      }
      for (; next < files.size() && files.get(next).key().minTxid() <= reached + 1; next++) {
        T f = files.get(next);
        if (f.key().maxTxid() > reached && acceptable(f)) {
          candidate = better(candidate, f);
        }
      }
    }

    boolean beyond(long txid) {
      return next < files.size() && files.get(next).key().minTxid() > txid + 1;
    }
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Litestream's restore plan: the newest snapshot, then greedily the file that reaches farthest from
 * there.
 *
 * <p>Unlike {@code litestream restore}, a hole below newer files is not an error: the plan ends
 * before it and says so ({@link Plan#gap}), because a reader serves the newest state that is whole.
 */
class Planner {

  /** No target: as far as the files reach. */
  static final long LATEST = 0;

  /**
   * The file that reaches farther; then the one that starts earlier; then the one that lives
   * longer.
   */
  private static final Comparator<LtxName> REACH =
      Comparator.comparingLong(LtxName::maxTxid)
          .thenComparing(Comparator.comparingLong(LtxName::minTxid).reversed())
          .thenComparingInt(LtxName::level);

  private final int topLevel;

  /** A planner that extends over all compaction levels. */
  Planner() {
    this(LtxName.SNAPSHOT_LEVEL - 1);
  }

  /** A planner that extends over levels 0 to {@code topLevel}. */
  Planner(int topLevel) {
    this.topLevel = topLevel;
  }

  /**
   * The plan from nothing to {@code target} exactly, or to the latest state. Empty when there is
   * none.
   */
  Plan plan(Catalog catalog, long target) {
    List<LtxObject> files = new ArrayList<>();
    LtxObject base = null;
    for (LtxObject f : catalog.level(LtxName.SNAPSHOT_LEVEL)) {
      if (target == LATEST || f.name().maxTxid() <= target) {
        base = f;
      }
    }
    if (base != null) {
      files.add(base);
    }
    Plan plan = extend(catalog, files, base == null ? 0 : base.name().maxTxid(), target);
    return target != LATEST && plan.txid() != target ? new Plan(List.of(), 0, plan.gap()) : plan;
  }

  /** The files of levels 0-8 that lead on from {@code position}, which the reader has already. */
  Plan extend(Catalog catalog, long position) {
    return extend(catalog, new ArrayList<>(), position, LATEST);
  }

  private Plan extend(Catalog catalog, List<LtxObject> files, long position, long target) {
    List<Cursor> cursors = new ArrayList<>();
    for (int level = topLevel; level >= 0; level--) {
      cursors.add(new Cursor(catalog.level(level), target));
    }
    long reached = position;
    while (target == LATEST || reached < target) {
      LtxObject best = null;
      for (Cursor cursor : cursors) {
        LtxObject candidate = cursor.advance(reached);
        if (candidate != null
            && (best == null || REACH.compare(candidate.name(), best.name()) > 0)) {
          best = candidate;
        }
      }
      if (best == null) {
        break;
      }
      files.add(best);
      reached = best.name().maxTxid();
    }
    return new Plan(List.copyOf(files), reached, firstBeyond(cursors));
  }

  private static @Nullable LtxObject firstBeyond(List<Cursor> cursors) {
    LtxObject first = null;
    for (Cursor cursor : cursors) {
      LtxObject next = cursor.peek();
      if (next != null && (first == null || next.name().minTxid() < first.name().minTxid())) {
        first = next;
      }
    }
    return first;
  }

  /** One level: files up to {@code next} have been looked at, the best of them is the candidate. */
  private static final class Cursor {
    private final List<LtxObject> files;
    private final long target;
    private int next;
    private @Nullable LtxObject candidate;

    Cursor(List<LtxObject> files, long target) {
      this.files = files;
      this.target = target;
    }

    /** The best file of this level that leads on from {@code reached}. */
    @Nullable LtxObject advance(long reached) {
      if (candidate != null && candidate.name().maxTxid() <= reached) {
        candidate = null;
      }
      while (next < files.size() && files.get(next).name().minTxid() <= reached + 1) {
        LtxObject file = files.get(next++);
        boolean useful =
            file.name().maxTxid() > reached
                && (target == LATEST || file.name().maxTxid() <= target);
        if (useful && (candidate == null || REACH.compare(file.name(), candidate.name()) > 0)) {
          candidate = file;
        }
      }
      return candidate;
    }

    /** The first file that lies beyond a hole. */
    @Nullable LtxObject peek() {
      return next < files.size() ? files.get(next) : null;
    }
  }
}

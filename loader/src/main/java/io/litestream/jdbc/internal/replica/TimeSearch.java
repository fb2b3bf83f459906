package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.replica.Timeline.Bracket;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The files whose header timestamp lies strictly before an instant.
 *
 * <p>Within a level timestamps ascend, so the boundary of each level is searched for, in rounds of
 * requests for all levels at once. What is known of the lineage narrows the search, and says with
 * the listing's times (upload time or mtime, off by upload delay, clock skew, one-second steps or a
 * copy) where to start: what counts are headers.
 */
final class TimeSearch {

  /** Headers read at once in a level whose boundary was not where it was expected. */
  private static final int PROBES = 3;

  private final Headers headers;
  private final World world;
  private final Bracket bracket;

  /**
   * @param bracket what is known of the instant
   */
  TimeSearch(Headers headers, World world, Bracket bracket) {
    this.headers = headers;
    this.world = world;
    this.bracket = bracket;
  }

  /**
   * What lies before an instant.
   *
   * @param all where it was searched
   * @param catalog as it looked to a plan just before it: each level cut at the boundary
   */
  record Past(Catalog all, Catalog catalog) {

    /**
     * Whether some file leads on from a state. Where none does, there is a hole, in which newer
     * states may have been, and may appear.
     */
    boolean leadsOn(long txid) {
      return all.levels().subList(0, LtxName.SNAPSHOT_LEVEL).stream()
          .flatMap(List::stream)
          .anyMatch(o -> o.name().minTxid() <= txid + 1 && o.name().maxTxid() > txid);
    }
  }

  Past before(Catalog catalog, Instant instant) throws StoreException, ReplicaException {
    List<Boundary> boundaries = new ArrayList<>();
    for (List<LtxObject> level : catalog.levels()) {
      boundaries.add(new Boundary(level, instant));
    }
    while (boundaries.stream().anyMatch(Boundary::unknown)) {
      List<World.StoreCall<Boolean>> calls = new ArrayList<>();
      for (Boundary boundary : boundaries) {
        for (int probe : boundary.probes()) {
          calls.add(() -> boundary.look(probe));
        }
      }
      world.all(calls);
    }
    List<List<LtxObject>> cut = new ArrayList<>();
    for (Boundary boundary : boundaries) {
      cut.add(boundary.before());
    }
    return new Past(catalog, catalog.with(cut));
  }

  /** How many files of a level lie before the instant. Calls of {@link #look} may be parallel. */
  private final class Boundary {
    private final List<LtxObject> files;
    private final Instant instant;
    private int low; // all files below are before; guarded by this, as what follows
    private int high; // all files from here on are not
    private boolean started;

    Boundary(List<LtxObject> files, Instant instant) {
      this.files = files;
      this.instant = instant;
      this.high = files.size();
      if (!files.isEmpty() && files.getFirst().name().level() < LtxName.SNAPSHOT_LEVEL) {
        narrow();
      }
    }

    private void narrow() {
      while (low < high && files.get(low).name().maxTxid() <= bracket.before()) {
        low++;
      }
      while (high > low && files.get(high - 1).name().maxTxid() >= bracket.after()) {
        high--;
      }
    }

    boolean unknown() {
      return low < high;
    }

    List<LtxObject> before() {
      return files.subList(0, low);
    }

    /** First the two files between which the boundary is expected, then a few between the ends. */
    int[] probes() {
      if (!unknown()) {
        return new int[0];
      }
      if (started) {
        int step = (high - low) / (PROBES + 1);
        return step == 0
            ? new int[] {low}
            : new int[] {low + step, low + 2 * step, low + PROBES * step};
      }
      started = true;
      int guess = Math.clamp(guess(), low, high);
      return guess == low
          ? new int[] {low}
          : guess == high ? new int[] {high - 1} : new int[] {guess - 1, guess};
    }

    /** Reads the header of a file. */
    boolean look(int probe) throws StoreException, ReplicaException {
      Instant time = headers.read(files.get(probe)).info().timestamp();
      synchronized (this) {
        if (time.isBefore(instant)) {
          low = Math.max(low, probe + 1);
        } else {
          high = Math.min(high, probe);
        }
        high = Math.max(low, high); // times that do not ascend are no reason to go on for ever
        return low < high;
      }
    }

    private int guess() {
      return bracket.closed() ? guessByTxid() : guessByListing();
    }

    /** As if transactions had come evenly between the known states. */
    private int guessByTxid() {
      double span = seconds(bracket.beforeTime(), bracket.afterTime());
      double share = span == 0 ? 0 : seconds(bracket.beforeTime(), instant) / span;
      double txid = bracket.before() + share * (bracket.after() - bracket.before());
      int n = low;
      while (n < high && files.get(n).name().maxTxid() < txid) {
        n++;
      }
      return n;
    }

    private int guessByListing() {
      int n = 0;
      while (n < files.size()) {
        Instant modified = files.get(n).modified();
        if (modified == null || !modified.isBefore(instant)) {
          break;
        }
        n++;
      }
      return n;
    }
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }
}

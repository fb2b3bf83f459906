package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileGap;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.replica.FileTable.Known;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Fetches, before a new state is published, those of its pages that readers of the last one have
 * read lately: they then wait for nothing when they go on to it. A small file came whole; of a
 * large one this brings what was hot.
 *
 * <p>Threading: as {@link Follower}.
 */
final class HotPages {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** Takes a link of 100 MB a second 40 ms, by which the state comes later. */
  private static final int MOST = 4 << 20;

  /** Of the connections to the store, which readers need at the same time. */
  private static final int MOST_REQUESTS = 32;

  /** Several at once are faster than one of all their bytes. */
  private static final int RANGE = 512 << 10;

  /** A state does not wait longer for what readers can ask for by themselves. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A range of a file that is to be read. */
  private record Step(Known file, FileGap gap) {}

  private final ReplicaStore store;
  private final World world;
  private final FileTable table;
  private final Duration timeout;

  /**
   * @param timeout of a request
   */
  HotPages(ReplicaStore store, World world, FileTable table, Duration timeout) {
    this.store = store;
    this.world = world;
    this.table = table;
    this.timeout = timeout.compareTo(PATIENCE) < 0 ? timeout : PATIENCE;
  }

  /**
   * Brings what {@code next} lacks for readers of {@code last}. What cannot be had is left to them.
   */
  void bring(NativeView last, NativeView next) {
    if (last.info().state() == next.info().state()) {
      return; // its pages went over with their names
    }
    try (FileTable.Lease lease = table.lease()) {
      List<World.StoreCall<Boolean>> calls = new ArrayList<>();
      for (Step step : steps(last, next)) {
        calls.add(() -> bring(step));
      }
      world.all(calls);
    } catch (StoreException | ReplicaException | RuntimeException | OutOfMemoryError e) {
      LOG.log(Level.DEBUG, "pages that were hot were not fetched: " + e.getMessage());
    }
  }

  private List<Step> steps(NativeView last, NativeView next) {
    Set<Long> before = Arrays.stream(last.files()).boxed().collect(Collectors.toSet());
    List<Step> steps = new ArrayList<>();
    int bytes = 0;
    for (long id : next.files()) {
      Known file = before.contains(id) ? null : table.byId(id);
      if (file == null) {
        continue;
      }
      FileGap gap = next.gap(last, file.file(), 0, RANGE);
      for (; gap != null; gap = next.gap(last, file.file(), gap.next(), RANGE)) {
        bytes += gap.length();
        if (bytes > MOST || steps.size() == MOST_REQUESTS) {
          return steps;
        }
        steps.add(new Step(file, gap));
      }
    }
    return steps;
  }

  private boolean bring(Step step) throws StoreException {
    FileGap gap = step.gap();
    Fetched fetched = store.read(step.file().object(), gap.offset(), gap.length(), timeout);
    step.file().file().offer(gap.ordinal(), gap.offset(), fetched.bytes());
    return true;
  }
}

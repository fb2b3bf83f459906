package io.litestream.jdbc.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the primary has committed and what readers have seen of it: the oracle, and the figures.
 * Thread-safe.
 */
final class Journal {

  /** The sum of all balances in every state. */
  private static final long TOTAL = 100L * Ledger.ACCOUNTS;

  /**
   * How long a commit may take to be seen while Litestream runs. It is there to find a reader that
   * has stopped following, also on a machine that is busy with other things.
   */
  private static final Duration FREEZE = Duration.ofSeconds(30);

  private record Commit(Content content, Instant begun) {}

  /** A state as one reader saw it. {@code time} is that of the state, or that travelled to. */
  record Sight(String txid, Instant time, Content content) {}

  private final Map<Long, Commit> commits = new ConcurrentHashMap<>();
  private final Map<Long, Long> committedAt = new ConcurrentHashMap<>();
  private final Map<String, Content> states = new ConcurrentHashMap<>();
  private final List<Sight> present = new CopyOnWriteArrayList<>();
  private final Queue<Long> delays = new ConcurrentLinkedQueue<>();
  private final AtomicLong looks = new AtomicLong();
  private final AtomicLong travels = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong expired = new AtomicLong();
  private final AtomicLong opens = new AtomicLong();
  private volatile long last;
  private volatile long runningSince = Long.MAX_VALUE;

  // ------------------------------------------------------------------------------- the primary

  void committing(Content content, Instant begun) {
    assertThat(content.balances()).isEqualTo(TOTAL);
    commits.put(content.step(), new Commit(content, begun));
  }

  void committed(long step) {
    committedAt.put(step, System.nanoTime());
    last = step;
  }

  /** Litestream runs from now on, or no longer. */
  void running(boolean runs) {
    runningSince = runs ? System.nanoTime() : Long.MAX_VALUE;
  }

  /** The last step that is committed. */
  long last() {
    return last;
  }

  // ---------------------------------------------------------------------------------- readers

  /**
   * Checks that this is exactly a state of the primary, and the same as all saw at its TXID.
   *
   * @return when the primary began to commit it
   */
  Instant check(Sight sight) {
    looks.incrementAndGet();
    Content content = sight.content();
    Commit commit = commits.get(content.step());
    if (commit == null) {
      throw new AssertionError("the primary never committed the step of " + sight);
    }
    assertThat(content).as("TXID %s", sight.txid()).isEqualTo(commit.content());
    Content first = states.putIfAbsent(sight.txid(), content);
    if (first != null) {
      assertThat(content).as("TXID %s seen again", sight.txid()).isEqualTo(first);
    }
    return commit.begun();
  }

  /** The same for a state of the past, which must have been committed before its instant. */
  void checkPast(Sight sight) {
    travels.incrementAndGet();
    assertThat(check(sight)).as("begin of the commit of %s", sight).isBefore(sight.time());
  }

  /**
   * Notes how long the steps since the last sight took to be seen.
   *
   * @param known the last step that this reader saw before
   * @param begun when it looked, by {@link System#nanoTime}: with little cache a look takes seconds
   */
  void follow(Sight sight, long known, long begun) {
    long now = System.nanoTime();
    long since = runningSince;
    long seen = sight.content().step();
    if (since == Long.MAX_VALUE) {
      return;
    }
    for (long step = known + 1; step <= seen; step++) {
      Long committed = committedAt.get(step);
      if (committed != null && committed > since) {
        delays.add(now - committed);
      }
    }
    if (seen > known) {
      present.add(sight);
    }
    Long oldestUnseen = committedAt.get(seen + 1);
    if (oldestUnseen != null) {
      assertThat(Duration.ofNanos(begun - Math.max(oldestUnseen, since)))
          .as("time for which step %d has not been seen; %s is still served", seen + 1, sight)
          .isLessThan(FREEZE);
    }
  }

  /** A state that was the present once: mostly a recent one. Null before the first. */
  @Nullable Sight anySeen() {
    int size = present.size();
    if (size == 0) {
      return null;
    }
    double recent = ThreadLocalRandom.current().nextDouble();
    return present.get(size - 1 - (int) (recent * recent * size));
  }

  /** A travel to an instant before the first state that is still there. */
  void refused() {
    refused.incrementAndGet();
  }

  /** A transaction whose state retention has removed. */
  void expired() {
    expired.incrementAndGet();
  }

  void opened() {
    opens.incrementAndGet();
  }

  /**
   * How much was checked.
   *
   * @param steps commits of the primary
   * @param txids states that were seen
   * @param looks transactions, or parts of long ones, that saw exactly one state
   * @param travels those of them in the past
   * @param refused travels to before the first state
   * @param opens connections opened by the way
   * @param expired transactions that outlived their files
   */
  record Figures(
      long steps, long txids, long looks, long travels, long refused, long opens, long expired) {}

  Figures figures() {
    return new Figures(
        last, states.size(), looks.get(), travels.get(), refused.get(), opens.get(), expired.get());
  }

  /** How long commits took to be seen, in milliseconds: median, 99 in 100, all. */
  String delays() {
    long[] sorted = delays.stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return "none";
    }
    return Arrays.stream(new double[] {0.5, 0.99, 1})
        .mapToObj(q -> String.valueOf(sorted[(int) (q * (sorted.length - 1))] / 1_000_000))
        .toList()
        .toString();
  }
}

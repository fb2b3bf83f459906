package io.litestream.jdbc.internal.replica.sim;

import io.litestream.testkit.model.ModelPrimary;
import io.litestream.testkit.model.StoredObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the readers of one run share: the primary with its clock, the dice that decide when it moves
 * and what fails, and what the store has looked like.
 */
final class Surroundings {

  /** How many of its former contents a store may still list. */
  private static final int STALE_VERSIONS = 6;

  private static final int TRACE_LINES = 400;

  final ModelPrimary primary;
  final SplittableRandom random;
  final Counters counters = new Counters();
  private final Deque<List<StoredObject>> versions = new ArrayDeque<>();
  private final Deque<String> trace = new ArrayDeque<>();
  private final boolean tracing;
  private @Nullable List<List<StoredObject>> moments;
  private long seenChanges = -1;
  private Runnable interlude = () -> {};
  private boolean frozen;
  private boolean faulty = true;
  private int faultsPerMille;
  private int stepsPerCall;

  Surroundings(ModelPrimary primary, SplittableRandom random, boolean tracing) {
    this.primary = primary;
    this.random = random;
    this.tracing = tracing;
    if (tracing) {
      primary.trace(this::keepLine);
    }
    weather();
  }

  /** Draws how busy the primary is and how bad the store, for the time to come. */
  void weather() {
    faultsPerMille = random.nextInt(3) == 0 ? 0 : 1 << random.nextInt(7);
    stepsPerCall = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(4);
  }

  // What the primary does.

  /** Between any two calls the primary may take steps. */
  void betweenCalls() {
    counters.storeCalls++;
    primary.advance(1 + random.nextInt(3));
    if (!frozen && stepsPerCall > 0 && random.nextInt(8) == 0) {
      steps(random.nextInt(100) == 0 ? 30 : 1 + random.nextInt(stepsPerCall));
    }
    remember();
    if (!frozen) {
      interlude.run();
    }
  }

  /** Says what happens at store calls besides the primary's steps. */
  void interlude(Runnable perhaps) {
    interlude = perhaps;
  }

  void steps(int count) {
    for (int i = 0; !frozen && i < count; i++) {
      primary.step();
      counters.modelSteps++;
    }
  }

  /** Keeps the primary and the store as they are, and lets nothing fail, while something runs. */
  <T> T still(Supplier<T> run) {
    boolean wasFrozen = frozen;
    boolean wasFaulty = faulty;
    frozen = true;
    faulty = false;
    try {
      return run.get();
    } finally {
      frozen = wasFrozen;
      faulty = wasFaulty;
    }
  }

  // What fails.

  /** Whether a fault of this weight (1: as often as any) happens now. It is counted. */
  boolean fault(int weight) {
    boolean happens = faulty && random.nextInt(1000) < faultsPerMille * weight;
    if (happens) {
      counters.faults++;
    }
    return happens;
  }

  /** What the store held some versions ago; what it holds now when there is none. */
  List<StoredObject> staleVersion() {
    int age = 1 + random.nextInt(STALE_VERSIONS);
    List<StoredObject> found = primary.store().list();
    for (List<StoredObject> version : versions) {
      if (age-- == 0) {
        break;
      }
      found = version;
    }
    return found;
  }

  /** Whether the object was uploaded so recently that not every server may know it. */
  boolean recent(StoredObject object) {
    return versions.size() > 1 && !versions.getLast().contains(object);
  }

  private void remember() {
    if (primary.store().changes() == seenChanges) {
      return;
    }
    seenChanges = primary.store().changes();
    List<StoredObject> now = primary.store().list();
    versions.addFirst(now);
    if (versions.size() > STALE_VERSIONS) {
      versions.removeLast();
    }
    if (moments != null) {
      moments.add(now);
    }
  }

  /** From now on keeps what the store holds at each call. */
  void record() {
    moments = new ArrayList<>();
    moments.add(primary.store().list());
    seenChanges = primary.store().changes();
  }

  /** What the store held since {@link #record}, oldest first. */
  List<List<StoredObject>> recorded() {
    List<List<StoredObject>> all = moments == null ? List.of() : moments;
    moments = null;
    return all;
  }

  // What is told when a run fails.

  void say(Supplier<String> line) {
    if (tracing) {
      keepLine("    reader: " + line.get());
    }
  }

  private void keepLine(String line) {
    trace.addLast(line);
    if (trace.size() > TRACE_LINES) {
      trace.removeFirst();
    }
  }

  List<String> trace() {
    return new ArrayList<>(trace);
  }
}

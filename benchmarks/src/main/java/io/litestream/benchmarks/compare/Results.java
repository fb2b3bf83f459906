package io.litestream.benchmarks.compare;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison has found so far, and what is still to be run. Of several rounds, the median
 * time and the most requests count. Not thread-safe.
 */
final class Results {

  private final Map<String, String> setting;
  private final List<String> leftOut;
  private final Deque<Run> pending;
  private final List<Cost> costs = new ArrayList<>();
  private final Map<Run, String> failures = new LinkedHashMap<>();
  private final Map<Run, Duration> times = new LinkedHashMap<>();

  /** What the rounds of an operation come to. */
  record Result(Cost most, double ms, int depth) {}

  Results(Map<String, String> setting, List<Run> runs, List<String> leftOut) {
    this.setting = new LinkedHashMap<>(setting);
    this.leftOut = leftOut;
    pending = new ArrayDeque<>(runs);
  }

  /** What is to be run now; null at the end. */
  @Nullable Run next() {
    return pending.poll();
  }

  void add(Cost cost) {
    costs.add(cost);
  }

  void failed(Run run, String reason) {
    System.err.println("FAILED: " + run + ": " + reason);
    failures.merge(run, reason, (first, again) -> first + "; " + again);
  }

  /** A run has ended, well or not. */
  void ended(Run run, Duration time) {
    times.merge(run, time, Duration::plus);
  }

  /** Of the whole comparison up to now. */
  void took(Duration time) {
    setting.put("took", (time.toSeconds() + 30) / 60 + " minutes");
  }

  Map<String, String> setting() {
    return setting;
  }

  List<String> leftOut() {
    return leftOut;
  }

  List<Run> pending() {
    return List.copyOf(pending);
  }

  List<Cost> costs() {
    return costs;
  }

  Map<Run, String> failures() {
    return failures;
  }

  /** How long the rounds of each run took together, with what they prepared. */
  Map<Run, Duration> times() {
    return times;
  }

  /** Stores that were asked for what was not cached. */
  Set<String> stores() {
    return distinct(c -> !c.warm(), Cost::store);
  }

  Set<String> warmStores() {
    return distinct(Cost::warm, Cost::store);
  }

  Set<String> contenders() {
    return distinct(c -> true, Cost::contender);
  }

  /** Of a store, with nothing cached. */
  Set<String> operations(String store) {
    return distinct(c -> !c.warm() && c.store().equals(store), Cost::operation);
  }

  Set<String> warmOperations() {
    return distinct(Cost::warm, Cost::operation);
  }

  /** In the order in which they were measured. */
  private Set<String> distinct(Predicate<Cost> which, Function<Cost, String> name) {
    return costs.stream()
        .filter(which)
        .map(name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** At the usual delay. */
  @Nullable Result cold(String store, String contender, String operation) {
    return cold(store, contender, operation, Plan.S3);
  }

  /** Without a delay. */
  @Nullable Result undelayed(String store, String contender, String operation) {
    return cold(store, contender, operation, 0);
  }

  private @Nullable Result cold(String store, String contender, String operation, long delayMs) {
    return result(of(contender, operation).filter(c -> c.store().equals(store)).toList(), delayMs);
  }

  @Nullable Result warm(String contender, String operation) {
    return result(of(contender, operation).filter(Cost::warm).toList(), 0);
  }

  private Stream<Cost> of(String contender, String operation) {
    return costs.stream()
        .filter(c -> c.contender().equals(contender) && c.operation().equals(operation));
  }

  private static @Nullable Result result(List<Cost> all, long delayMs) {
    List<Cost> timed = all.stream().filter(c -> c.delayMs() == delayMs).toList();
    if (timed.isEmpty()) {
      return null;
    }
    Cost most = timed.getFirst();
    for (Cost cost : timed) {
      most = cost.requests() > most.requests() ? cost : most;
    }
    List<Double> sorted = timed.stream().map(Cost::ms).sorted().toList();
    // With a longer delay, requests that are sent together are counted as such more surely.
    int depth =
        all.stream()
            .filter(c -> c.delayMs() > Plan.S3)
            .mapToInt(Cost::depth)
            .max()
            .orElse(most.depth());
    return new Result(most, sorted.get(sorted.size() / 2), depth);
  }
}

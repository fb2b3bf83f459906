package io.litestream.jdbc.internal.obs;

import io.litestream.jdbc.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the requests of one process by kind and outcome. Thread-safe. */
public final class RequestCounters {

  /** How many requests of a kind ended so. */
  public record Count(RequestKind kind, String outcome, long number) {}

  private final Map<RequestKind, Map<String, LongAdder>> counts = new LinkedHashMap<>();
  private final LongAdder bytes = new LongAdder();

  /** All at zero: the set of kinds and outcomes never grows, so readers need no lock. */
  public RequestCounters() {
    for (RequestKind kind : RequestKind.values()) {
      Map<String, LongAdder> outcomes = new LinkedHashMap<>();
      outcomes.put(Outcome.OK, new LongAdder());
      for (StoreException.Kind failure : StoreException.Kind.values()) {
        outcomes.put(Outcome.text(failure), new LongAdder());
      }
      outcomes.put(Outcome.FAILED, new LongAdder());
      counts.put(kind, outcomes);
    }
  }

  /** A request is over. */
  public void add(RequestKind kind, String outcome, long received) {
    LongAdder counter = counts.getOrDefault(kind, Map.of()).get(outcome);
    if (counter == null) {
      throw new IllegalArgumentException(kind + " does not end as " + outcome);
    }
    counter.increment();
    bytes.add(received);
  }

  /** All kinds with all outcomes, zeros included, always in the same order. */
  public List<Count> counts() {
    List<Count> all = new ArrayList<>();
    counts.forEach(
        (kind, outcomes) ->
            outcomes.forEach((outcome, n) -> all.add(new Count(kind, outcome, n.sum()))));
    return all;
  }

  /** Of one kind, whatever the outcome. */
  public long total(RequestKind kind) {
    return counts.getOrDefault(kind, Map.of()).values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** Bytes of objects received. */
  public long bytes() {
    return bytes.sum();
  }
}

package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import io.litestream.testkit.ltx.RestorePlan;
import io.litestream.testkit.model.ModelPrimary;
import io.litestream.testkit.model.State;
import io.litestream.testkit.model.StoredObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One reader's journey to an instant, compared with what a restore to that instant would have given
 * at any moment of the call.
 */
final class TimeTrip {

  /** What each process answered for an instant before: it may keep that view. */
  private final Map<SimProcess, Map<Long, Long>> answers = new HashMap<>();

  private final Surroundings around;

  TimeTrip(Surroundings around) {
    this.around = around;
  }

  /** Takes the reader to a random instant, reads there, and judges. */
  void take(SimProcess process, SimReader reader) {
    around.counters.travels++;
    long ms = anyInstant();
    Instant instant = Instant.ofEpochMilli(ms);
    long faults = around.counters.faults;
    long stale = process.store.staleListings();
    long disorders = process.world.disorders();
    around.record();
    around.say(() -> "travels to " + (ms - ModelPrimary.START_MS) + " ms");
    try (NativeView view =
        around.random.nextBoolean()
            ? Ticket.direct(process, () -> process.replica().viewAt(instant))
            : Ticket.host(process, TravelBy.TIME, instant.toString())) {
      List<List<StoredObject>> moments = around.recorded();
      boolean orderly =
          stale == process.store.staleListings() && disorders == process.world.disorders();
      reader.travel(view, instant);
      State state = reader.look();
      if (state != null) {
        judge(process, view.info(), state, ms, orderly ? moments : List.of());
      }
    } catch (Ticket.Refused e) {
      List<List<StoredObject>> moments = around.recorded();
      around.say(() -> "no travel: " + e.getMessage());
      boolean quiet = faults == around.counters.faults && moments.size() == 1;
      if (quiet && !e.planted() && around.primary.writable() && possible(moments, ms)) {
        throw new SimFailure(
            Kind.TIME, "no view of " + (ms - ModelPrimary.START_MS) + " ms: " + e.getMessage(), e);
      }
    }
  }

  private long anyInstant() {
    SplittableRandom random = around.random;
    long now = around.primary.nowMs();
    State newest = around.primary.newest();
    if (newest != null && random.nextInt(3) > 0) {
      State some = around.primary.state(newest.lineage(), 1 + random.nextLong(newest.txid()));
      if (some != null) {
        return some.timestampMs() + random.nextInt(2);
      }
    }
    long span = Math.min(now - ModelPrimary.START_MS, 30_000);
    return now - random.nextLong(span + 1) + random.nextInt(3);
  }

  private static boolean possible(List<List<StoredObject>> moments, long ms) {
    return !RestorePlan.before(moments.getFirst(), ms).isEmpty();
  }

  private void judge(
      SimProcess process, ViewInfo info, State state, long ms, List<List<StoredObject>> moments) {
    if (state.timestampMs() >= ms) {
      throw new SimFailure(Kind.TIME, state + " is not before " + (ms - ModelPrimary.START_MS));
    }
    Map<Long, Long> kept = answers.computeIfAbsent(process, p -> new HashMap<>());
    Long before = kept.put(ms, info.state());
    if (before != null && before == info.state()) {
      return;
    }
    try (NativeView present = process.db().latest()) {
      if (present != null && present.info().state() == info.state()) {
        return; // how far the present may be behind is the follower's affair
      }
    }
    long least = Long.MAX_VALUE;
    for (List<StoredObject> moment : moments) {
      List<StoredObject> plan = RestorePlan.before(moment, ms);
      boolean same = !plan.isEmpty() && plan.getLast().state().lineage() == state.lineage();
      least = Math.min(least, same ? plan.getLast().key().maxTxid() : 0);
    }
    if (!moments.isEmpty() && state.txid() < least) {
      throw new SimFailure(
          Kind.TIME,
          state + " for " + (ms - ModelPrimary.START_MS) + " ms; a restore gives TXID " + least);
    }
  }
}

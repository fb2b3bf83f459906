package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import io.litestream.jdbc.store.LtxName;
import io.litestream.testkit.ltx.RestorePlan;
import io.litestream.testkit.model.State;
import io.litestream.testkit.model.StoredObject;
import java.util.List;

/** One reader's journey to a TXID: exactly that state, whenever files that are exact lead there. */
final class TxidTrip {

  private final Surroundings around;

  TxidTrip(Surroundings around) {
    this.around = around;
  }

  /** Takes the reader to a random TXID, reads there, and judges. */
  void take(SimProcess process, SimReader reader) {
    State newest = around.primary.newest();
    if (newest == null) {
      return;
    }
    around.counters.travels++;
    long txid = 1 + around.random.nextLong(newest.txid() + 1);
    long faults = around.counters.faults;
    around.record();
    around.say(() -> "travels to TXID " + LtxName.hex(txid));
    try (NativeView view =
        around.random.nextBoolean()
            ? Ticket.direct(process, () -> process.replica().viewOf(txid))
            : Ticket.host(process, TravelBy.TXID, LtxName.hex(txid))) {
      around.recorded();
      reader.travel(view, view.info().timestamp());
      State state = reader.look();
      if (view.info().txid() != txid || (state != null && state.txid() != txid)) {
        throw new SimFailure(
            Kind.TIME, view.info() + " with " + state + " for TXID " + LtxName.hex(txid));
      }
    } catch (Ticket.Refused e) {
      List<List<StoredObject>> moments = around.recorded();
      around.say(() -> "no travel: " + e.getMessage());
      boolean quiet = faults == around.counters.faults && moments.size() == 1;
      if (quiet && !e.planted() && around.primary.writable() && possible(moments, txid)) {
        throw new SimFailure(
            Kind.TIME, "no view of TXID " + LtxName.hex(txid) + ": " + e.getMessage(), e);
      }
    }
  }

  private static boolean possible(List<List<StoredObject>> moments, long txid) {
    return !RestorePlan.at(SimReader.exact(moments.getFirst()), txid).isEmpty();
  }
}

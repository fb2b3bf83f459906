package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.replica.ReplicaException;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import io.litestream.jdbc.store.StoreException;

/** The two ways to ask a replica for a state of the past. */
final class Ticket {

  private Ticket() {}

  /** A travel that was refused with a text. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(Exception why) {
      super(String.valueOf(why.getMessage()), why);
    }

    /** Whether a planted defect is the reason. */
    boolean planted() {
      return getCause() instanceof IllegalStateException;
    }
  }

  /** A call of the replica's own. */
  interface Call {
    NativeView view() throws StoreException, ReplicaException;
  }

  static NativeView direct(SimProcess process, Call call) throws Refused {
    try {
      return call.view();
    } catch (StoreException | ReplicaException e) {
      SimProcess.refuseDamage(e);
      throw new Refused(e);
    } catch (IllegalStateException e) {
      process.tolerate(e);
      throw new Refused(e);
    }
  }

  /** As the native side asks. */
  static NativeView host(SimProcess process, TravelBy by, String text) throws Refused {
    try {
      NativeView view = process.replica().travel(SimProcess.PATIENT, by, text).view();
      if (view == null) {
        throw new SimFailure(Kind.TIME, "travel to " + text + " stays in the present");
      }
      return view;
    } catch (HostException e) {
      if (e.code() == SqliteCode.CORRUPT) {
        throw new SimFailure(Kind.UNREADABLE, "damage where there is none", e);
      }
      throw new Refused(e);
    } catch (IllegalStateException e) {
      process.tolerate(e);
      throw new Refused(e);
    }
  }
}

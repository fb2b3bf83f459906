package io.litestream.jdbc.internal.obs;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** What all events have in common. */
@Category("Litestream")
@StackTrace(false)
abstract class ReplicaEvent extends Event implements Span {

  @Label("Replica")
  @Nullable String replica;

  @Label("Outcome")
  @Nullable String outcome;

  final Span begun(String place) {
    replica = place;
    begin();
    return this;
  }

  @Override
  public final void end(String how, long value) {
    end();
    if (shouldCommit()) {
      outcome = how;
      value(value);
      commit();
    }
  }

  abstract void value(long value);
}

package io.litestream.jdbc.internal.obs;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** {@link Recorder#travel}. */
@Name("io.litestream.Travel")
@Label("Time Travel")
@Description("A connection goes to another time")
final class TravelEvent extends ReplicaEvent {

  @Label("Target")
  @Nullable String target;

  @Label("TXID")
  @Description("Of the state there; 0 for the present")
  long txid;

  @Override
  void value(long value) {
    txid = value;
  }
}

package io.litestream.jdbc.internal.obs;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** {@link Recorder#open}. */
@Name("io.litestream.Open")
@Label("Replica Open")
@Description("The first connection to a replica waits for its first state")
final class OpenEvent extends ReplicaEvent {

  @Label("TXID")
  long txid;

  @Override
  void value(long value) {
    txid = value;
  }
}

package io.litestream.jdbc.internal.obs;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** {@link Recorder#refresh}. */
@Name("io.litestream.Refresh")
@Label("Replica Refresh")
@Description("A look at the store for news")
final class RefreshEvent extends ReplicaEvent {

  @Label("TXID")
  long txid;

  @Override
  void value(long value) {
    txid = value;
  }
}

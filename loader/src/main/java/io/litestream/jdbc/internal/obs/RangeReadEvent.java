package io.litestream.jdbc.internal.obs;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** {@link Recorder#request}. */
@Name("io.litestream.RangeRead")
@Label("Range Read")
@Description("One request to the store: a range of an object, a listing, a probe for the next file")
final class RangeReadEvent extends ReplicaEvent {

  @Label("Kind")
  @Nullable String kind;

  @Label("Object")
  @Nullable String object;

  @Label("Offset")
  @DataAmount
  long offset;

  @Label("Length")
  @DataAmount
  int length;

  @Label("Received")
  @Description("Bytes of an object, or the number of objects in a listing")
  long received;

  @Override
  void value(long value) {
    received = value;
  }
}

package io.litestream.jdbc.internal.obs;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** {@link Recorder#pageFetch}. With a stack trace: it names the query that waits. */
@Name("io.litestream.PageFetch")
@Label("Page Fetch")
@Description("A statement waits for a page that is not in the cache")
@StackTrace
final class PageFetchEvent extends ReplicaEvent {

  @Label("File")
  @Nullable String file;

  @Label("Offset")
  @DataAmount
  long offset;

  @Label("Length")
  @DataAmount
  int length;

  @Label("Received")
  @DataAmount
  long received;

  @Override
  void value(long value) {
    received = value;
  }
}

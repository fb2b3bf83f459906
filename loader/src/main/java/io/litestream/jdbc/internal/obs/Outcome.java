package io.litestream.jdbc.internal.obs;

import io.litestream.jdbc.store.StoreException;
import java.util.Locale;

/** How a request or an operation ended, in the words of events and metrics. */
public final class Outcome {

  public static final String OK = "ok";

  /** Neither a result nor an answer of the store: an interrupt, damage, a defect. */
  public static final String FAILED = "failed";

  private Outcome() {}

  /** {@code not_found}, {@code denied}, ... for what a store said; else {@link #FAILED}. */
  public static String of(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof StoreException e) {
        return text(e.kind());
      }
    }
    return FAILED;
  }

  static String text(StoreException.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}

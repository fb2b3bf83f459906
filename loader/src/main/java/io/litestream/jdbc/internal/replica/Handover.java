package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeView;
import org.jspecify.annotations.Nullable;

/**
 * Passes a view from the thread that makes it to one that waits, which may have given up by then.
 */
final class Handover {

  private @Nullable NativeView view;
  private boolean abandoned;

  /** Called by the maker. Closes the view when nobody waits any more. */
  synchronized NativeView give(NativeView made) {
    if (abandoned) {
      made.close();
    }
    view = made;
    return made;
  }

  /** Called by the one that waited and got no view. */
  synchronized void abandon() {
    abandoned = true;
    if (view != null) {
      view.close();
    }
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeView;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The last few views of the past, so that going back and forth costs nothing. Thread-safe. */
final class KeptViews {

  /**
   * A view costs its page map only (a few bytes a page at most); eight cover a comparison side by
   * side.
   */
  private static final int MAX = 8;

  private final Map<Object, NativeView> views = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * A reference of the caller's own, or null.
   *
   * @param place an instant, or a TXID
   */
  synchronized @Nullable NativeView find(Object place) {
    NativeView view = views.get(place);
    return view == null ? null : view.share();
  }

  /** Keeps a reference of its own. */
  synchronized void keep(Object place, NativeView view) {
    NativeView old = views.put(place, view.share());
    if (old != null) {
      old.close();
    }
    Iterator<NativeView> oldest = views.values().iterator();
    while (views.size() > MAX) {
      oldest.next().close();
      oldest.remove();
    }
  }

  /** The ids of the files that the kept views rest on. */
  synchronized Set<Long> files() {
    Set<Long> ids = new HashSet<>();
    for (NativeView view : views.values()) {
      for (long id : view.files()) {
        ids.add(id);
      }
    }
    return ids;
  }

  synchronized void clear() {
    views.values().forEach(NativeView::close);
    views.clear();
  }
}

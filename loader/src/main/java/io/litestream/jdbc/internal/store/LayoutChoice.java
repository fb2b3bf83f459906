package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.StoreException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which of a replica's possible layouts it has: the first that holds an LTX file at any level.
 *
 * <p>It is one decision for all levels, made once: two replicas that lie in one place are never
 * mixed. As long as there is no file it stays open. Thread-safe; concurrent callers that find their
 * level empty share one search.
 */
public final class LayoutChoice {

  /** Looks whether a layout holds any LTX file. */
  public interface Search {
    boolean hasFiles(Layout layout, Deadline deadline) throws StoreException;
  }

  /** Lists one level by one layout. */
  public interface Lister<T> {
    List<T> list(Layout layout) throws StoreException;
  }

  private final List<Layout> candidates;
  private final Search search;
  private final ReentrantLock searching = new ReentrantLock();
  private int listing; // guarded by this; how many lists are under way while nothing is chosen
  private volatile @Nullable Layout chosen;
  private boolean searched; // guarded by searching; whether a search found nothing
  private long searchBegan; // guarded by searching; when that search began

  public LayoutChoice(List<Layout> candidates, Search search) {
    this.candidates = candidates;
    this.search = search;
  }

  /** The layout, or as long as none is known the likeliest. */
  public Layout current() {
    Layout known = chosen;
    return known != null ? known : candidates.getFirst();
  }

  /** Lists by the replica's layout, finding it out where need be. */
  public <T> List<T> list(Lister<T> lister, Deadline deadline) throws StoreException {
    if (chosen != null) {
      return lister.list(current());
    }
    Layout guess = current();
    List<T> found = first(lister, guess);
    if (found.isEmpty()) {
      awaitOthers(deadline);
      resolve(deadline);
    }
    return current().equals(guess) ? found : lister.list(current());
  }

  private <T> List<T> first(Lister<T> lister, Layout guess) throws StoreException {
    begun();
    try {
      List<T> found = lister.list(guess);
      if (!found.isEmpty()) {
        choose(guess);
      }
      return found;
    } finally {
      ended();
    }
  }

  private synchronized void begun() {
    listing++;
  }

  private synchronized void ended() {
    listing--;
    notifyAll();
  }

  /** A listing of another level that is under way may tell what a search would. */
  private synchronized void awaitOthers(Deadline deadline) throws StoreException {
    try {
      while (chosen == null && listing > 0) {
        wait(Math.max(1, deadline.left().toMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The layout, searched for unless it is known; the likeliest when there is no file yet. */
  public Layout resolve(Deadline deadline) throws StoreException {
    long asked = System.nanoTime();
    if (chosen == null) {
      deadline.lock(searching);
      try {
        search(asked, deadline);
      } finally {
        searching.unlock();
      }
    }
    return current();
  }

  private void search(long asked, Deadline deadline) throws StoreException {
    // A search that began after this call did saw what this one would see.
    if (chosen != null || (searched && searchBegan - asked > 0)) {
      return;
    }
    long began = System.nanoTime();
    for (Layout candidate : candidates) {
      if (search.hasFiles(candidate, deadline)) {
        choose(candidate);
        return;
      }
    }
    searched = true;
    searchBegan = began;
  }

  private synchronized void choose(Layout layout) {
    if (chosen == null) {
      chosen = layout;
      notifyAll();
    }
  }
}

package io.litestream.jdbc.internal.jdbc;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One daemon thread for all connections that are in use: it stops calls whose time is over, whose
 * thread was interrupted, or that somebody stopped before they were inside SQLite.
 *
 * <p>It looks at each every 20 ms, so that a call costs no timer of its own. It sleeps while no
 * connection is in use, and ends soon after.
 */
final class Watchdog implements Runnable {

  /** Far below what a person notices, far above what a look costs. */
  private static final Duration TICK = Duration.ofMillis(20);

  private static final Duration LINGER = Duration.ofSeconds(10);

  private static final Set<Calls> WATCHED = new HashSet<>();
  private static @Nullable Thread thread;

  private Watchdog() {}

  /** Looks at these calls until they say that there is nothing to look at. */
  static void watch(Calls calls) {
    synchronized (WATCHED) {
      WATCHED.add(calls);
      if (thread == null) {
        thread =
            Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name("litestream-watchdog")
                .unstarted(new Watchdog());
        thread.setContextClassLoader(null); // it outlives the application that woke it
        thread.start();
      } else {
        WATCHED.notifyAll();
      }
    }
  }

  @Override
  public void run() {
    try {
      for (List<Calls> now = watched(); !now.isEmpty(); now = watched()) {
        for (Calls calls : now) {
          look(calls);
        }
        Thread.sleep(TICK);
      }
    } catch (InterruptedException e) {
      synchronized (WATCHED) {
        thread = null; // nobody interrupts it; the next call starts another
      }
    }
  }

  /** Under the lock: a connection that asks to be watched meanwhile is not dropped again. */
  private static void look(Calls calls) {
    synchronized (WATCHED) {
      if (!calls.look()) {
        WATCHED.remove(calls);
      }
    }
  }

  /** What to look at; waits for it. Empty when the thread is to end. */
  private static List<Calls> watched() throws InterruptedException {
    synchronized (WATCHED) {
      if (WATCHED.isEmpty()) {
        WATCHED.wait(LINGER.toMillis());
      }
      if (WATCHED.isEmpty()) {
        thread = null;
      }
      return List.copyOf(WATCHED);
    }
  }
}

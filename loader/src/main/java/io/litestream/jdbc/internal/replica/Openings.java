package io.litestream.jdbc.internal.replica;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The threads that wait for a replica to open, inside SQLite, whose own interrupt does not reach
 * them there: a database that is being opened has no reader yet.
 */
public final class Openings {

  private static final Map<Thread, Boolean> STOPPED = new ConcurrentHashMap<>();

  private Openings() {}

  /** This thread begins to wait. */
  static void begin() {
    STOPPED.put(Thread.currentThread(), false);
  }

  /** This thread has ended its wait. */
  static void end() {
    STOPPED.remove(Thread.currentThread());
  }

  /** Whether a thread that waits is to give up. */
  static boolean stopped(Thread thread) {
    return STOPPED.getOrDefault(thread, false);
  }

  /** Ends the wait of a thread; nothing when it does not wait. */
  public static void stop(Thread thread) {
    STOPPED.computeIfPresent(thread, (waiting, was) -> true);
  }
}

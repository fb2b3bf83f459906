package io.litestream.jdbc.conformance;

import java.time.Duration;

/** Waits for what another thread does; bounded. */
final class Await {

  /** Far longer than any change takes, also on a busy machine. */
  static final Duration LIMIT = Duration.ofSeconds(30);

  private static final long STEP_MS = 5;

  private Await() {}

  /** An assertion, or a query that may fail. */
  interface Check {
    void run() throws Exception;
  }

  static void until(Check check) {
    until(LIMIT, check);
  }

  /** Repeats the check until it passes; its last failure is thrown when the time is over. */
  static void until(Duration limit, Check check) {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        check.run();
        return;
      } catch (AssertionError | Exception e) {
        if (System.nanoTime() - end >= 0) {
          throw new AssertionError("not within " + limit + ": " + e.getMessage(), e);
        }
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(STEP_MS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }
}

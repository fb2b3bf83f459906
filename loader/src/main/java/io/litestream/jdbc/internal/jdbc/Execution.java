package io.litestream.jdbc.internal.jdbc;

import io.litestream.jdbc.internal.replica.Openings;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a statement, or another use of SQLite: who runs it, how long it may take inside
 * SQLite, and why it was stopped.
 *
 * <p>The fields are written by the thread that has the connection's turn, {@code stop} by any.
 */
final class Execution {

  /** Why an execution ends early. */
  enum Stop {
    CANCELED("the statement was canceled by Statement.cancel()"),
    STATEMENT_CLOSED("the statement was closed while it ran"),
    THREAD_INTERRUPTED("the thread that ran the statement was interrupted"),
    CONNECTION_CLOSED("the connection was closed while the statement ran"),
    TIMED_OUT("");

    private final String text;

    Stop(String text) {
      this.text = text;
    }
  }

  private final long limitNanos;
  private long spentNanos;
  private long startedNanos;
  private volatile long deadlineNanos;
  private volatile boolean limited;
  private volatile @Nullable Thread thread;
  private volatile @Nullable Stop stop;

  /**
   * @param limitSeconds the most time inside SQLite, over all of its calls; 0 for no limit
   */
  Execution(int limitSeconds) {
    this.limitNanos = limitSeconds * 1_000_000_000L;
  }

  static Execution unlimited() {
    return new Execution(0);
  }

  /**
   * A call into SQLite begins on this thread.
   *
   * @param callNanos the most time for this call alone; 0 for no limit
   */
  void begin(long callNanos) {
    thread = Thread.currentThread();
    if (limitNanos == 0 && callNanos == 0) {
      return;
    }
    long left = limitNanos == 0 ? callNanos : limitNanos - spentNanos;
    startedNanos = System.nanoTime();
    deadlineNanos = startedNanos + (callNanos == 0 ? left : Math.min(left, callNanos));
    limited = true;
    if (left <= 0) {
      stop = Stop.TIMED_OUT;
    }
  }

  /** The call is over. */
  void end() {
    thread = null;
    if (limited) {
      limited = false;
      spentNanos += System.nanoTime() - startedNanos;
    }
  }

  /** Stops it, for the first reason that is given. */
  void stop(Stop why) {
    if (stop == null) {
      stop = why;
    }
  }

  /** Ends its wait for a replica to open, which SQLite's interrupt does not. */
  void stopOpening() {
    Thread runner = thread;
    if (runner != null) {
      Openings.stop(runner);
    }
  }

  @Nullable Stop stopped() {
    return stop;
  }

  /** Why a call that runs now must stop, as far as the execution knows; else null. */
  @Nullable Stop due() {
    Stop known = stop;
    if (known != null) {
      return known;
    }
    Thread runner = thread;
    if (runner != null && runner.isInterrupted()) {
      return Stop.THREAD_INTERRUPTED;
    }
    return limited && System.nanoTime() - deadlineNanos >= 0 ? Stop.TIMED_OUT : null;
  }

  /** What its user gets to see. */
  SQLException exception(Stop why, int code, @Nullable Throwable cause) {
    return switch (why) {
      case TIMED_OUT -> ErrorKind.TIMED_OUT.exception(timeout(), code, cause);
      case CONNECTION_CLOSED -> ErrorKind.CLOSED.exception(why.text, code, cause);
      default -> ErrorKind.CANCELED.exception(why.text, code, cause);
    };
  }

  private String timeout() {
    return limitNanos == 0
        ? "the call took longer than the connection's network timeout; raise it with"
            + " setNetworkTimeout"
        : "the statement took longer than its query timeout of "
            + limitNanos / 1_000_000_000L
            + " s; raise it with setQueryTimeout";
  }
}

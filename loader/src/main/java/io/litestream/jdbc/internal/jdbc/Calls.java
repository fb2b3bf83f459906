package io.litestream.jdbc.internal.jdbc;

import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.jdbc.Execution.Stop;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.DB;

/**
 * The one place where a connection calls SQLite: one call at a time, stoppable from other threads,
 * with its errors translated.
 *
 * <p>SQLite forgets an interrupt that comes before a statement has begun, so whoever stops a call
 * interrupts again until it is over: the {@link Watchdog}, or the thread that waits to close.
 */
final class Calls {

  /** How often a thread that waits to close interrupts. */
  private static final long RETRY_MILLIS = 2;

  /** Looks of the watchdog without a call until it turns to other connections: about a second. */
  private static final int IDLE_LOOKS = 50;

  private final DB db;
  private final SqlErrors errors;
  private final ReentrantLock turn = new ReentrantLock();

  /** Held to interrupt and to close: SQLite's handle must not go while it is interrupted. */
  private final Object interrupting = new Object();

  private volatile @Nullable Execution running;
  private volatile boolean watched;
  private volatile boolean stopped;
  private volatile boolean broken;
  private volatile long callNanos;
  private int idle;
  private boolean used; // with the turn
  private final Set<StatementCalls> statements = new HashSet<>(); // with the turn

  Calls(DB db, SqlErrors errors) {
    this.db = db;
    this.errors = errors;
  }

  /** Runs a call; inside another one on this thread, as a part of that. */
  <T> T run(Execution execution, SqlCall<T> call) throws SQLException {
    if (turn.isHeldByCurrentThread()) {
      return call.run();
    }
    turn.lock();
    try {
      begin(execution);
      try {
        return call.run();
      } catch (SQLException e) {
        throw translated(e, execution);
      } finally {
        end(execution);
      }
    } finally {
      turn.unlock();
    }
  }

  void run(SqlAction action) throws SQLException {
    run(
        Execution.unlimited(),
        () -> {
          action.run();
          return true;
        });
  }

  private void begin(Execution execution) throws SQLException {
    check();
    used = true;
    HostUpcalls.clearFailure();
    execution.begin(callNanos);
    Stop stop = execution.stopped();
    if (stop != null) {
      execution.end();
      throw execution.exception(stop, SqliteCode.INTERRUPT, null);
    }
    running = execution;
    if (stopped) { // whoever closes has not seen the line above, or waits for the turn
      end(execution);
      throw SqlErrors.connectionClosed();
    }
    if (!watched) {
      watched = true;
      Watchdog.watch(this);
    }
  }

  private void end(Execution execution) {
    running = null;
    if (execution.stopped() != null) {
      synchronized (interrupting) {
        execution.end(); // after an interrupt under way, which then cannot hit the next call
      }
    } else {
      execution.end();
    }
  }

  private SQLException translated(SQLException e, Execution execution) {
    Stop stop = execution.due();
    if (stop != null && SqlErrors.interrupted(e)) {
      return execution.exception(stop, SqliteCode.INTERRUPT, SqlErrors.shown(e));
    }
    return errors.translate(e);
  }

  /** Runs what ends an execution, which may still run on another thread and is stopped then. */
  void finish(@Nullable Execution execution, SqlAction action) throws SQLException {
    takeTurn(execution, Stop.STATEMENT_CLOSED);
    try {
      if (!stopped) {
        action.run();
      }
    } catch (SQLException e) {
      throw errors.translate(e);
    } finally {
      turn.unlock();
    }
  }

  /** Runs what belongs to no user's statement: it counts as no use and is not stopped. */
  void aside(SqlAction action) throws SQLException {
    turn.lock();
    try {
      action.run();
    } finally {
      turn.unlock();
    }
  }

  /** Closes the connection; a call that runs on another thread is stopped. */
  void close(SqlAction tearDown) throws SQLException {
    stopped = true;
    takeTurn(null, Stop.CONNECTION_CLOSED);
    try {
      synchronized (interrupting) {
        tearDown.run();
      }
    } catch (SQLException e) {
      throw errors.translate(e);
    } finally {
      turn.unlock();
    }
  }

  /** No further call begins, and the one that runs is stopped. */
  void stop() {
    stopped = true;
    interrupt(null, Stop.CONNECTION_CLOSED);
  }

  private void takeTurn(@Nullable Execution only, Stop why) {
    boolean interrupted = false;
    while (!turn.tryLock()) {
      interrupt(only, why);
      try {
        if (turn.tryLock(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops an execution now if it runs, else when it goes on. */
  void cancel(Execution execution) {
    execution.stop(Stop.CANCELED);
    interrupt(execution, Stop.CANCELED);
  }

  /**
   * Interrupts what runs.
   *
   * @param only the execution that is meant; null for any
   */
  private void interrupt(@Nullable Execution only, Stop why) {
    synchronized (interrupting) {
      Execution now = running;
      if (now == null || (only != null && now != only) || db.isClosed()) {
        return;
      }
      now.stop(why);
      now.stopOpening();
      if (running == now) {
        try {
          db.interrupt();
        } catch (SQLException e) {
          throw new IllegalStateException(e); // it cannot, but for a handle that is closed
        }
      }
    }
  }

  /**
   * The watchdog's look. Returns whether it should look again.
   *
   * <p>Called by one thread only.
   */
  boolean look() {
    Execution now = running;
    if (now == null) {
      if (++idle < IDLE_LOOKS) {
        return true;
      }
      idle = 0;
      watched = false;
      if (running == null) {
        return false;
      }
      watched = true; // a call began meanwhile, and may have relied on being watched
      return true;
    }
    idle = 0;
    Stop due = stopped ? Stop.CONNECTION_CLOSED : now.due();
    if (due != null) {
      interrupt(now, due);
    }
    return true;
  }

  /** Whether SQLite was called since this was last asked. Only with the turn. */
  boolean takeUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /** A statement that may read from now on, until it is closed. Only with the turn. */
  void opened(StatementCalls statement) {
    statements.add(statement);
  }

  /** A statement is closed. Only with the turn. */
  void closed(StatementCalls statement) {
    statements.remove(statement);
  }

  /** Ends the reading of all statements, which can be executed anew. Only with the turn. */
  void endReading() throws SQLException {
    for (StatementCalls statement : statements) {
      statement.endReading();
    }
  }

  /** The most time that one call may take; 0 for no limit. */
  void callLimit(long nanos) {
    callNanos = nanos;
  }

  void breakDown() {
    broken = true;
  }

  boolean broken() {
    return broken;
  }

  boolean stopped() {
    return stopped;
  }

  /** Refuses a connection that is closed or broken. */
  void check() throws SQLException {
    if (stopped) {
      throw SqlErrors.connectionClosed();
    }
    if (broken) {
      throw ErrorKind.CLOSED.exception(
          "the connection is of no use any more: what its last borrower changed could not be"
              + " undone; close it and take another",
          0,
          null);
    }
  }
}

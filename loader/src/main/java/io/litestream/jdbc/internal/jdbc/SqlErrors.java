package io.litestream.jdbc.internal.jdbc;

import io.litestream.jdbc.internal.ffi.Failure;
import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.replica.ReplicaException;
import io.litestream.jdbc.store.StoreException;
import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;

/**
 * From what sqlite-jdbc throws, which has no SQLState, and from what the replica last failed with
 * on this thread, to what JDBC and its frameworks expect: a subclass, an SQLState, SQLite's result
 * code, the store's exception as the cause. What sqlite-jdbc threw stays in the chain.
 */
public final class SqlErrors {

  private static final int PERM = 3;
  private static final int LOCKED = 6;
  private static final int READONLY = 8;
  private static final int FULL = 13;
  private static final int SCHEMA = 17;
  private static final int TOOBIG = 18;
  private static final int CONSTRAINT = 19;
  private static final int RANGE = 25;
  private static final int NOTADB = 26;

  /** What SQLite says of SQLITE_ERROR where nobody gave a text. */
  private static final String NO_TEXT = "SQL logic error";

  /** How the VFS begins its refusal to travel while a state is being read. */
  private static final String TIME_IS_FIXED = "the time cannot be changed";

  /** How SQLite begins what a failed open says. */
  private static final String EXTENSION = "automatic extension loading failed: ";

  /** What can be done about a damaged file; the core says only what is wrong. */
  private static final String REPAIR =
      ". litestream restore would fail too: put the file back, or let Litestream write a new"
          + " snapshot";

  private final boolean opening;
  private final Supplier<String> lastError;

  /**
   * @param opening whether the connection is not open yet
   * @param lastError asks the connection why a file could not be opened; empty if it cannot say
   */
  SqlErrors(boolean opening, Supplier<String> lastError) {
    this.opening = opening;
    this.lastError = lastError;
  }

  /** What is asked of a connection that was closed. */
  public static SQLException connectionClosed() {
    return ErrorKind.CLOSED.exception("the connection is closed", 0, null);
  }

  /** What the store failed with, where SQLite was not asked. */
  public static SQLException of(IOException e) {
    SqlErrors running = new SqlErrors(false, () -> "");
    String text = String.valueOf(e.getMessage());
    ErrorKind kind = running.kind(new Failure(SqliteCode.IOERR, text, e), e, false);
    return kind.exception(text, 0, e);
  }

  /**
   * What a connection of any kind has just failed with, on this thread: sqlite-jdbc's own do not
   * translate.
   */
  public static SQLException shared(SQLException e) {
    return new SqlErrors(false, () -> "").translate(e);
  }

  /** SQLite's primary result code; 0 when it is not an error of SQLite. */
  static int code(SQLException e) {
    return e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : 0;
  }

  /** Whether this is how a call ends that was interrupted, by SQLite or while it waited for us. */
  static boolean interrupted(SQLException e) {
    Failure failure = HostUpcalls.lastFailure();
    return code(e) == SqliteCode.INTERRUPT
        || (failure != null && failure.code() == SqliteCode.INTERRUPT);
  }

  SQLException translate(SQLException e) {
    if (e instanceof BatchUpdateException batch) {
      return batch(batch);
    }
    if (e instanceof SQLiteException sqlite) {
      return sqlite(sqlite);
    }
    String state = e.getSQLState();
    if (e instanceof SQLFeatureNotSupportedException || (state != null && state.length() == 5)) {
      return e;
    }
    return usage(e);
  }

  /** A complaint of sqlite-jdbc about a result set, unless it is ours. */
  static SQLException misuse(SQLException e, ErrorKind kind) {
    return e.getSQLState() == null ? usage(e, kind) : e;
  }

  private SQLException batch(BatchUpdateException e) {
    if (!(e.getCause() instanceof SQLiteException cause)) {
      return e;
    }
    SQLException inner = sqlite(cause);
    String text = String.valueOf(e.getMessage());
    int colon = text.indexOf(": ");
    return new BatchUpdateException(
        (colon < 0 ? "" : text.substring(0, colon + 2)) + inner.getMessage(),
        inner.getSQLState(),
        inner.getErrorCode(),
        e.getUpdateCounts(),
        inner);
  }

  /** sqlite-jdbc's own complaints, about what its user did. */
  private SQLException usage(SQLException e) {
    String text = String.valueOf(e.getMessage());
    return usage(
        e,
        opening
            ? ErrorKind.CANNOT_OPEN
            : text.contains("onnection closed") || text.contains("onnection is closed")
                ? ErrorKind.CLOSED
                : ErrorKind.USAGE);
  }

  private static SQLException usage(SQLException e, ErrorKind kind) {
    return kind.exception(SecretText.hide(String.valueOf(e.getMessage())), 0, shown(e));
  }

  private SQLException sqlite(SQLiteException e) {
    Throwable original = shown(e);
    String text = detail(e);
    int primary = code(e);
    int code = e.getResultCode().code;
    Failure failure = HostUpcalls.lastFailure();
    HostUpcalls.clearFailure(); // the thread may be a container's, and outlive its application
    if (failure != null && explains(failure, primary, text)) {
      Throwable cause = known(failure.cause());
      boolean told = primary == SqliteCode.ERROR && !text.equals(NO_TEXT);
      ErrorKind kind = kind(failure, cause, told);
      String why = failure.text() + (damaged(failure, cause) ? REPAIR : "");
      SQLException own = kind.exception(why, code, cause == null ? original : cause);
      if (cause != null) {
        own.addSuppressed(original);
      }
      return own;
    }
    if (primary == SqliteCode.CANTOPEN && !opening) {
      String why = lastError.get();
      return ErrorKind.WRONG_VALUE.exception(
          why.isEmpty() ? text : SecretText.hide(why), code, original);
    }
    ErrorKind kind =
        text.startsWith(TIME_IS_FIXED) && !opening ? ErrorKind.IN_TRANSACTION : plain(primary);
    return kind.exception(plainText(primary, text), code, original);
  }

  private static boolean damaged(Failure failure, @Nullable Throwable cause) {
    return failure.code() == SqliteCode.CORRUPT
        || (cause instanceof ReplicaException e && e.kind() == ReplicaException.Kind.DAMAGED);
  }

  /** SQLITE_ERROR has many reasons: it is the replica's only where it says so, or says nothing. */
  private static boolean explains(Failure failure, int primary, String text) {
    return switch (primary) {
      case SqliteCode.ERROR -> text.equals(NO_TEXT) || text.contains(failure.text());
      case SqliteCode.IOERR,
          SqliteCode.CANTOPEN,
          SqliteCode.CORRUPT,
          SqliteCode.BUSY,
          SqliteCode.INTERRUPT,
          SqliteCode.NOMEM,
          SqliteCode.AUTH,
          NOTADB ->
          true;
      default -> false;
    };
  }

  /**
   * @param told whether the statement was about time travel, and not a read that failed
   */
  private ErrorKind kind(Failure failure, @Nullable Throwable cause, boolean told) {
    if (failure.code() == SqliteCode.INTERRUPT) {
      return ErrorKind.CANCELED;
    }
    if (failure.code() == SqliteCode.BUSY) { // max_stale, whatever kept the looks from going well
      return opening
          ? ErrorKind.CANNOT_OPEN_NOW
          : cause instanceof StoreException e && e.kind() == StoreException.Kind.DENIED
              ? ErrorKind.DENIED
              : ErrorKind.STORE_FAILED;
    }
    return switch (cause) {
      case StoreException e ->
          switch (e.kind()) {
            case DENIED -> ErrorKind.DENIED;
            case TRANSIENT -> opening ? ErrorKind.CANNOT_OPEN_NOW : ErrorKind.STORE_FAILED;
            case UNUSABLE -> opening ? ErrorKind.CANNOT_OPEN : ErrorKind.STORE_UNUSABLE;
            case NOT_FOUND, CHANGED -> opening ? ErrorKind.CANNOT_OPEN : ErrorKind.STATE_GONE;
          };
      case ReplicaException e ->
          opening
              ? ErrorKind.CANNOT_OPEN
              : e.kind() == ReplicaException.Kind.DAMAGED
                  ? ErrorKind.DAMAGED
                  : told || failure.code() == SqliteCode.CANTOPEN
                      ? ErrorKind.WRONG_VALUE
                      : ErrorKind.STATE_GONE;
      case null, default ->
          opening
              ? ErrorKind.CANNOT_OPEN
              : switch (failure.code()) {
                case SqliteCode.ERROR, SqliteCode.CANTOPEN -> ErrorKind.WRONG_VALUE;
                case SqliteCode.CORRUPT -> ErrorKind.DAMAGED;
                case SqliteCode.NOMEM -> ErrorKind.NO_ROOM;
                default -> ErrorKind.STORE_FAILED;
              };
    };
  }

  private ErrorKind plain(int primary) {
    if (opening) {
      return ErrorKind.CANNOT_OPEN;
    }
    return switch (primary) {
      case SqliteCode.ERROR, PERM, SqliteCode.AUTH -> ErrorKind.SYNTAX;
      case READONLY -> ErrorKind.READ_ONLY;
      case CONSTRAINT -> ErrorKind.CONSTRAINT;
      case SqliteCode.BUSY, LOCKED, SCHEMA -> ErrorKind.BUSY;
      case SqliteCode.INTERRUPT -> ErrorKind.CANCELED;
      case SqliteCode.CORRUPT, NOTADB -> ErrorKind.DAMAGED;
      case SqliteCode.NOMEM, FULL -> ErrorKind.NO_ROOM;
      case TOOBIG, SqliteCode.MISMATCH -> ErrorKind.DATA;
      case RANGE, SqliteCode.MISUSE -> ErrorKind.USAGE;
      case SqliteCode.IOERR -> ErrorKind.STORE_FAILED;
      default -> ErrorKind.OTHER;
    };
  }

  private static String plainText(int primary, String text) {
    return primary == READONLY
        ? "this is a read-only replica ("
            + text
            + "): write to the primary database; temporary tables can be written"
        : text;
  }

  /** What SQLite said, without the name of the code and its stock text around it. */
  private static String detail(SQLiteException e) {
    String text = SecretText.hide(String.valueOf(e.getMessage()));
    String stock = e.getResultCode() + " (";
    if (text.startsWith(stock) && text.endsWith(")")) {
      text = text.substring(stock.length(), text.length() - 1);
    }
    return text.startsWith(EXTENSION) ? text.substring(EXTENSION.length()) : text;
  }

  /** The exception of ours in a chain that says most. */
  private static @Nullable Throwable known(@Nullable Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof StoreException
          || t instanceof ReplicaException
          || t instanceof IllegalArgumentException) {
        return t;
      }
    }
    return null;
  }

  /** An exception of sqlite-jdbc as a user may see it: the same, unless its text shows a secret. */
  static SQLException shown(SQLException e) {
    String text = String.valueOf(e.getMessage());
    String hidden = SecretText.hide(text);
    if (hidden.equals(text)) {
      return e;
    }
    SQLException copy =
        e instanceof SQLiteException sqlite
            ? new SQLiteException(hidden, sqlite.getResultCode())
            : new SQLException(hidden);
    copy.setStackTrace(e.getStackTrace());
    return copy;
  }
}

package io.litestream.jdbc.internal.jdbc;

import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/**
 * What can go wrong, as JDBC classes and SQLStates. docs/errors.md lists them for users.
 *
 * <p>Pools throw a connection away at 08xxx, at 0A000 and at a timeout, and frameworks retry what
 * is transient: both decide the choices here. What is refused or not supported is therefore no
 * 0A000.
 */
public enum ErrorKind {
  CANNOT_OPEN("08001", SQLNonTransientConnectionException::new),
  CANNOT_OPEN_NOW("08001", SQLTransientConnectionException::new),
  CLOSED("08003", SQLNonTransientConnectionException::new),
  STORE_FAILED("08006", SQLTransientConnectionException::new),
  STORE_UNUSABLE("08006", SQLNonTransientConnectionException::new),
  DENIED("28000", SQLInvalidAuthorizationSpecException::new),
  TIMED_OUT("HYT00", SQLTimeoutException::new),
  CANCELED("57014", SQLException::new),
  IN_TRANSACTION("25001", SQLNonTransientException::new),
  READ_ONLY("25006", SQLNonTransientException::new),
  WRONG_VALUE("22023", SQLDataException::new),
  STATE_GONE("40001", SQLTransactionRollbackException::new),
  DAMAGED("XX001", SQLNonTransientException::new),
  SYNTAX("42000", SQLSyntaxErrorException::new),
  CONSTRAINT("23000", SQLIntegrityConstraintViolationException::new),
  DATA("22000", SQLDataException::new),
  BUSY("55P03", SQLTransientException::new),
  NO_ROOM("53000", SQLTransientException::new),
  USAGE("HY010", SQLException::new),
  NOT_SUPPORTED("HYC00", SQLFeatureNotSupportedException::new),
  OTHER("HY000", SQLException::new);

  private interface Maker {
    SQLException make(String text, String state, int code, @Nullable Throwable cause);
  }

  private final String state;
  private final Maker maker;

  ErrorKind(String state, Maker maker) {
    this.state = state;
    this.maker = maker;
  }

  /**
   * An exception of this kind.
   *
   * @param code SQLite's result code, extended where it is known; 0 where SQLite was not asked
   */
  public SQLException exception(String text, int code, @Nullable Throwable cause) {
    return maker.make(text, state, code, cause);
  }
}

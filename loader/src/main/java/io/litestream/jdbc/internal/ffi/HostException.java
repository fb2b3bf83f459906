package io.litestream.jdbc.internal.ffi;

import org.jspecify.annotations.Nullable;

/**
 * What a host function answers instead of a result. Code and text go to SQLite, so the text is one
 * that a user may see: it names the object or setting and what to do, and no credential.
 */
public final class HostException extends Exception {

  private static final long serialVersionUID = 1;

  private final int code;

  /**
   * @param code one of {@link SqliteCode}, not {@link SqliteCode#OK}
   */
  public HostException(int code, String message, @Nullable Throwable cause) {
    super(message, cause);
    if (code == SqliteCode.OK) {
      throw new IllegalArgumentException("an error needs a code other than SQLITE_OK: " + message);
    }
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** Never null: every failure has its text. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

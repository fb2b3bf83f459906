package io.litestream.jdbc.internal.ffi;

/**
 * A call into the C core that failed. The text names the object, what was expected and what was
 * found.
 */
public final class NativeException extends Exception {

  private static final long serialVersionUID = 1;

  private final int code;

  public NativeException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** One of {@link SqliteCode}. */
  public int code() {
    return code;
  }

  /** Never null: every failure has its text. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

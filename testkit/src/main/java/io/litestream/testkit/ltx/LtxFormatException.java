package io.litestream.testkit.ltx;

/** An LTX file that breaks a rule of the format, or files that cannot be put together. */
public final class LtxFormatException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public LtxFormatException(String message) {
    super(message);
  }
}

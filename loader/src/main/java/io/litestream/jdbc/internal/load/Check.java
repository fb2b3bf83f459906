package io.litestream.jdbc.internal.load;

/**
 * One line of the doctor's.
 *
 * @param subject what was looked at
 * @param result how it is
 * @param text what was found, and where that is a failure, what to do
 */
public record Check(String subject, Result result, String text) {

  /** How it is. */
  public enum Result {
    OK,
    /** Not as it could be, but what is looked at works without it. */
    NOTE,
    FAILED
  }

  public static Check ok(String subject, String text) {
    return new Check(subject, Result.OK, text);
  }

  public static Check note(String subject, String text) {
    return new Check(subject, Result.NOTE, text);
  }

  public static Check failed(String subject, String text) {
    return new Check(subject, Result.FAILED, text);
  }

  /** With what a failure is: its text, or its type where it has none. */
  public static Check failed(String subject, Throwable failure) {
    String text = failure.getMessage();
    return failed(subject, text == null ? failure.toString() : text);
  }
}

package io.litestream.jdbc.internal.obs;

/**
 * Something that has begun and that nobody has recorded yet. Ended once, on the thread that began
 * it.
 */
public interface Span {

  /** Nobody records. */
  Span NONE = (outcome, value) -> {};

  /**
   * It is over.
   *
   * @param outcome {@link Outcome#text}
   * @param value what the method that began it says
   */
  void end(String outcome, long value);
}

package io.litestream.jdbc.internal.config;

/**
 * The state that a connection is to show from the start, and after each reset of its session.
 *
 * @param text as the user wrote it, checked; a time that counts from now counts from the open
 */
public record Target(Kind kind, String text) {

  /** What the text is. */
  public enum Kind {
    /** A time expression other than LATEST. */
    TIME,
    /** 1 to 16 hex digits. */
    TXID
  }
}

package io.litestream.jdbc.internal.replica.sim;

/** What a reader must never see, and saw. */
final class SimFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** How a reader was let down. */
  enum Kind {
    /** Pages of one transaction are not those of one state. */
    TORN,
    /** The pages are those of another state than the one reported. */
    OTHER_STATE,
    /** The database's length or page size is not the state's. */
    SIZE,
    /** What the reader reports of its pinned state changed while it was pinned. */
    REPORT,
    /** A page of a whole state could not be read for a reason that no reader should see. */
    UNREADABLE,
    /** A state that can still be had was given up. */
    GIVEN_UP,
    /** One state number stands for two states. */
    NUMBER,
    /** Two schemas show one schema cookie. */
    COOKIE,
    /** A reader went back in (lineage, TXID). */
    BACKWARDS,
    /** A time view is not the newest state strictly before the instant. */
    TIME,
    /** The newest state was not seen in time. */
    STALE,
    /** Something of the C core was left behind. */
    LEAK,
    /** An exception that nobody should see. */
    UNEXPECTED
  }

  private final Kind kind;

  SimFailure(Kind kind, String message) {
    super(kind + ": " + message);
    this.kind = kind;
  }

  SimFailure(Kind kind, String message, Throwable cause) {
    super(kind + ": " + message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}

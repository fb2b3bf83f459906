package io.litestream.jdbc.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request to a store that failed. The text names the object or place and the reason, never a
 * credential.
 */
public final class StoreException extends IOException {

  private static final long serialVersionUID = 1;

  /** What a caller can do about it. */
  public enum Kind {
    /** The object does not exist (404 NoSuchKey, no such file). Never retried. */
    NOT_FOUND,
    /**
     * The object exists with other bytes than those asked for (412, other size or checksum). Never
     * retried.
     */
    CHANGED,
    /** No permission, or credentials that are missing or wrong (401, 403). Never retried. */
    DENIED,
    /**
     * The place itself does not exist or cannot be what it is said to be (no such bucket, bad
     * request).
     */
    UNUSABLE,
    /** May work when tried again: 5xx, 429, time-out, reset connection, short body. */
    TRANSIENT
  }

  private final Kind kind;

  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** Never null: every failure has its text. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.ReplicaStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A state that cannot be had, with a text for the user. */
public final class ReplicaException extends IOException {

  private static final long serialVersionUID = 1;

  /** What stands in the way. */
  public enum Kind {
    /** The place holds no restorable files. */
    EMPTY,
    /** A file is gone, or was replaced, between the listing and the read: list again. */
    VANISHED,
    /** A file's bytes are not what the format demands. */
    DAMAGED,
    /**
     * The replica was reset: what a reader stands on is of another lineage than what the store
     * holds.
     */
    LINEAGE,
    /** That state is not to be had (any more). */
    UNAVAILABLE
  }

  private final Kind kind;

  public ReplicaException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** Why there is no state to open, with what was looked for. */
  static ReplicaException nothingToOpen(ReplicaStore store, Catalog catalog) {
    String text =
        catalog.isEmpty()
            ? "no replica at "
                + store.describe()
                + ": no LTX files in any level, neither as ltx/<level>/ nor as <4 hex digits>/."
                + " Check the URL, and that Litestream has replicated to it"
            : "the replica at "
                + store.describe()
                + " cannot be opened: it has files up to TXID "
                + LtxName.hex(catalog.maxTxid())
                + ", but none that begins at TXID 1 (a snapshot). Restore that file, or let"
                + " Litestream write a new snapshot";
    return new ReplicaException(Kind.EMPTY, text, null);
  }

  /** Never null: every failure has its text. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Waits of readers that sit inside SQLite, and what their failures mean there. */
final class ReaderWaits {

  private final World world;
  private final ReplicaStore store;

  ReaderWaits(World world, ReplicaStore store) {
    this.world = world;
    this.store = store;
  }

  /** As {@link #get}; a view that comes too late is closed. */
  NativeView view(World.StoreCall<NativeView> call, Duration limit, Reader reader)
      throws HostException {
    Handover handover = new Handover();
    try {
      return get(() -> handover.give(call.call()), limit, reader);
    } catch (HostException e) {
      handover.abandon();
      throw e;
    }
  }

  /** What the call gives, or its failure as the reader is to see it. */
  <T> T get(World.StoreCall<T> call, Duration limit, Reader reader) throws HostException {
    try {
      return world.await(store.describe(), call, limit, reader::interrupted);
    } catch (StoreException e) {
      throw new HostException(code(e), text(e), e);
    } catch (ReplicaException e) {
      int code = e.kind() == ReplicaException.Kind.DAMAGED ? SqliteCode.CORRUPT : SqliteCode.ERROR;
      throw new HostException(code, e.getMessage(), e);
    } catch (World.InterruptedWait e) {
      throw interrupted(e);
    }
  }

  /** A failure of the store as its users are to see it: also what can be done if it may pass. */
  static String text(StoreException e) {
    return e.kind() == StoreException.Kind.TRANSIENT
        ? e.getMessage()
            + ". Try again; check endpoint and network, or raise request_timeout or open_timeout"
        : e.getMessage();
  }

  /** The known state is older than a reader accepts. */
  HostException stale(Duration age, Duration maxStale, Notices.@Nullable Failure why) {
    return new HostException(
        SqliteCode.BUSY,
        "the last successful look at "
            + store.describe()
            + " was "
            + age.toMillis()
            + " ms ago, and max_stale="
            + maxStale.toMillis()
            + "ms allows no more: "
            + (why == null ? "it did not answer in time" : why.text())
            + ". Reads go on as soon as it answers; a larger max_stale, or none, shows the known"
            + " state",
        why == null ? null : why.cause());
  }

  HostException interrupted(World.InterruptedWait e) {
    return new HostException(
        SqliteCode.INTERRUPT, "interrupted while waiting for " + store.describe(), e);
  }

  private static int code(StoreException e) {
    return switch (e.kind()) {
      case NOT_FOUND, CHANGED -> SqliteCode.NOTFOUND;
      case DENIED -> SqliteCode.AUTH;
      case UNUSABLE, TRANSIENT -> SqliteCode.IOERR;
    };
  }
}

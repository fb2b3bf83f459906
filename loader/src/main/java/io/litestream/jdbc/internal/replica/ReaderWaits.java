package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;

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
      return world.await(call, limit, reader::interrupted);
    } catch (StoreException e) {
      throw new HostException(code(e), e.getMessage(), e);
    } catch (ReplicaException e) {
      int code = e.kind() == ReplicaException.Kind.DAMAGED ? SqliteCode.CORRUPT : SqliteCode.ERROR;
      throw new HostException(code, e.getMessage(), e);
    } catch (World.InterruptedWait e) {
      throw interrupted(e);
    }
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

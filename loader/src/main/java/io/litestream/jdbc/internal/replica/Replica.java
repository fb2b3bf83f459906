package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.DbHost;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.Travel;
import io.litestream.jdbc.internal.time.TimeExpression;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One replica in this process: what its connections ask for, and the follower that all of them
 * share.
 *
 * <p>Thread-safe. One thread at a time polls ({@code turn}); reads, time travel and re-planning go
 * on beside it.
 */
public final class Replica implements DbHost {

  /** How long a reader waits for news after a pause before it takes the known view. */
  private static final Duration REFRESH_LIMIT = Duration.ofSeconds(5);

  /** Tries of a travel or a re-plan while the lineage changes under it. */
  private static final int ATTEMPTS = 3;

  private final ReplicaSettings settings;
  private final World world;
  private final NativeDb db;
  private final Core core;
  private final Follower follower;
  private final TimeTravel past;
  private final Replanner replanner;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile @Nullable Instant lastLook;
  private volatile Runnable onReturn = () -> {};
  private volatile Runnable onClose = () -> {};

  /**
   * @param db becomes the replica's
   * @param store becomes the replica's
   * @param extender plans the way on from a known position
   */
  public Replica(
      NativeDb db, ReplicaStore store, World world, ReplicaSettings settings, Planner extender) {
    this.settings = settings;
    this.world = world;
    this.db = db;
    this.core = new Core(store, world, db, settings.requestTimeout(), extender);
    this.follower = new Follower(core);
    this.past = new TimeTravel(core, follower);
    this.replanner = new Replanner(core, follower);
  }

  public NativeDb db() {
    return db;
  }

  Duration openTimeout() {
    return settings.openTimeout();
  }

  // ------------------------------------------------------------------------------------------------ opening, following

  /**
   * Waits until a first state is published.
   *
   * @throws ReplicaException when {@code open_timeout} is over and there is still nothing to open
   * @throws StoreException when the store refuses, or does not answer in time
   */
  public void open() throws StoreException, ReplicaException {
    Instant deadline = world.now().plus(settings.openTimeout());
    while (true) {
      try {
        poll();
        return;
      } catch (ReplicaException e) {
        if (e.kind() == ReplicaException.Kind.DAMAGED || !world.now().isBefore(deadline)) {
          throw e;
        }
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.TRANSIENT || !world.now().isBefore(deadline)) {
          throw e;
        }
      }
      Duration left = Duration.between(world.now(), deadline);
      world.pause(left.compareTo(settings.pollInterval()) < 0 ? left : settings.pollInterval());
    }
  }

  /** One look at the store. Waits for another one that is under way. */
  public void poll() throws StoreException, ReplicaException {
    turn.lock();
    try {
      follower.poll();
      lastLook = world.now();
      core.notices().looked();
    } finally {
      turn.unlock();
    }
  }

  /** One look at the store whose failure is only noted. Returns whether it went well. */
  public boolean pollQuietly() {
    try {
      poll();
      return true;
    } catch (StoreException e) {
      core.notices().failed("cannot look for news: " + e.getMessage());
    } catch (ReplicaException e) {
      if (e.kind() != ReplicaException.Kind.VANISHED) {
        core.notices().failed("cannot look for news: " + e.getMessage());
      }
    }
    return false;
  }

  private void pollUnlessFresh() {
    Instant asked = world.now();
    Instant look = lastLook;
    if (look != null
        && Duration.between(look, asked).compareTo(settings.pollInterval()) < 0
        && !asked.isBefore(look)) {
      return;
    }
    turn.lock(); // whoever had the turn meanwhile may have looked for us
    try {
      Instant latest = lastLook;
      if (latest == null || latest.isBefore(asked)) {
        pollQuietly();
      }
    } finally {
      turn.unlock();
    }
  }

  /**
   * @param returned run when a reader comes back after a pause
   * @param connectionClosed run when a connection was closed
   */
  void listen(Runnable returned, Runnable connectionClosed) {
    onReturn = returned;
    onClose = connectionClosed;
  }

  @Override
  public void refresh(Reader reader) {
    onReturn.run();
    try {
      world.await(
          () -> {
            pollUnlessFresh();
            return Boolean.TRUE;
          },
          REFRESH_LIMIT,
          reader::interrupted);
    } catch (StoreException | ReplicaException | World.InterruptedWait e) {
      core.notices().failed("no news in time: the known state is served");
    }
  }

  @Override
  public long lag() {
    Instant look = lastLook;
    return look == null ? -1 : Math.max(0, Duration.between(look, world.now()).toSeconds());
  }

  @Override
  public void closed() {
    onClose.run();
  }

  // ----------------------------------------------------------------------------------------------------- for readers

  @Override
  public void fetch(Reader reader, long fileId, long offset, ByteBuffer target)
      throws HostException {
    LtxObject object = core.table().object(fileId);
    if (object == null) {
      throw new HostException(SqliteCode.NOTFOUND, "file " + fileId + " is closed", null);
    }
    int length = target.remaining();
    Fetched fetched =
        forReader(
            () -> core.store().read(object, offset, length, core.timeout()),
            core.timeout(),
            reader);
    if (fetched.bytes().length != length) {
      throw new HostException(
          SqliteCode.IOERR,
          core.store().describe(object.name())
              + ": expected "
              + length
              + " bytes at "
              + offset
              + ", found "
              + fetched.bytes().length,
          null);
    }
    target.put(fetched.bytes());
  }

  @Override
  public NativeView replan(Reader reader, NativeView pinned) throws HostException {
    NativeView own = pinned.share();
    return viewForReader(
        () -> {
          try (own) {
            return replanner.sameState(own, turn);
          }
        },
        reader);
  }

  @Override
  public Travel travel(Reader reader, String text) throws HostException {
    if (TimeExpression.isLatest(text)) {
      return new Travel(null, world.now());
    }
    Instant instant;
    try {
      instant = TimeExpression.parse(text, world.now());
    } catch (IllegalArgumentException e) {
      throw new HostException(SqliteCode.ERROR, String.valueOf(e.getMessage()), e);
    }
    return new Travel(viewForReader(() -> viewAt(instant), reader), instant);
  }

  /** The newest state strictly before the instant. The view is the caller's. */
  public NativeView viewAt(Instant instant) throws StoreException, ReplicaException {
    for (int attempt = 1; ; attempt++) {
      try (NativeView known = latest()) {
        if (known.info().timestamp().isBefore(instant)) {
          pollUnlessFresh();
        }
        try (NativeView present = latest()) {
          return past.view(instant, present);
        }
      } catch (ReplicaException e) {
        if (e.kind() != ReplicaException.Kind.LINEAGE || attempt == ATTEMPTS) {
          throw e;
        }
        follower.listSoon();
        pollQuietly();
      }
    }
  }

  private NativeView latest() {
    NativeView view = db.latest();
    if (view == null) {
      throw new IllegalStateException("no view is published yet");
    }
    return view;
  }

  private NativeView viewForReader(World.StoreCall<NativeView> call, Reader reader)
      throws HostException {
    Handover handover = new Handover();
    try {
      return forReader(() -> handover.give(call.call()), settings.openTimeout(), reader);
    } catch (HostException e) {
      handover.abandon();
      throw e;
    }
  }

  private <T> T forReader(World.StoreCall<T> call, Duration limit, Reader reader)
      throws HostException {
    try {
      return world.await(call, limit, reader::interrupted);
    } catch (StoreException e) {
      throw new HostException(code(e), e.getMessage(), e);
    } catch (ReplicaException e) {
      int code = e.kind() == ReplicaException.Kind.DAMAGED ? SqliteCode.CORRUPT : SqliteCode.ERROR;
      throw new HostException(code, e.getMessage(), e);
    } catch (World.InterruptedWait e) {
      throw new HostException(
          SqliteCode.INTERRUPT, "interrupted while waiting for " + core.store().describe(), e);
    }
  }

  private static int code(StoreException e) {
    return switch (e.kind()) {
      case NOT_FOUND, CHANGED -> SqliteCode.NOTFOUND;
      case DENIED -> SqliteCode.AUTH;
      case UNUSABLE, TRANSIENT -> SqliteCode.IOERR;
    };
  }

  /** Releases everything. No connection may be open any more. */
  public void close() {
    turn.lock();
    try {
      follower.close();
      core.close();
      db.close();
      core.store().close();
    } finally {
      turn.unlock();
    }
  }
}

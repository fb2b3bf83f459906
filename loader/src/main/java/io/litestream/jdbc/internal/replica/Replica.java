package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.LitestreamStats.OpenReplica;
import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.internal.ffi.DbHost;
import io.litestream.jdbc.internal.ffi.HistoryRow;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.Travel;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.internal.obs.Outcome;
import io.litestream.jdbc.internal.obs.Recorder;
import io.litestream.jdbc.internal.obs.Span;
import io.litestream.jdbc.internal.store.CountingStore;
import io.litestream.jdbc.internal.time.TimeExpression;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
  private volatile boolean paused;
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

  /** The place, without secrets. */
  String place() {
    return core.store().describe();
  }

  /** The name of one of its files, for messages. */
  Object file(long fileId) {
    LtxObject object = core.table().object(fileId);
    return object == null ? "file " + fileId : object.name();
  }

  /** Where it stands, for {@code connections} users. */
  OpenReplica status(int connections) {
    Instant look = lastLook;
    try (NativeView newest = db.latest()) {
      ViewInfo info = newest == null ? null : newest.info();
      Instant commit = info == null ? null : info.timestamp();
      return new OpenReplica(
          place(),
          connections,
          info == null ? null : LtxName.hex(info.txid()),
          commit,
          commit == null ? null : since(commit),
          look == null ? null : since(look));
    }
  }

  /** Never negative: clocks differ. */
  private Duration since(Instant then) {
    Duration passed = Duration.between(then, world.now());
    return passed.isNegative() ? Duration.ZERO : passed;
  }

  // ------------------------------------------------------------------------------------------------ opening, following

  /**
   * Waits until a first state is published.
   *
   * @throws ReplicaException when {@code open_timeout} is over and there is still nothing to open
   * @throws StoreException when the store refuses, or does not answer in time
   */
  public void open() throws StoreException, ReplicaException {
    Span span = Recorder.RECORDER.open(place());
    try {
      awaitFirst();
      span.end(Outcome.OK, newestTxid());
    } catch (StoreException | ReplicaException | RuntimeException | Error e) {
      span.end(Outcome.of(e), 0);
      throw e;
    }
  }

  /** 0 before the first state. */
  private long newestTxid() {
    try (NativeView newest = db.latest()) {
      return newest == null ? 0 : newest.info().txid();
    }
  }

  private void awaitFirst() throws StoreException, ReplicaException {
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
    Span span = Recorder.RECORDER.refresh(place());
    try {
      follower.poll();
      lastLook = world.now();
      core.notices().looked();
      span.end(Outcome.OK, newestTxid());
    } catch (StoreException | ReplicaException | RuntimeException | Error e) {
      span.end(Outcome.of(e), newestTxid());
      throw e;
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

  /** Whether polls have stopped, so that readers look for themselves. */
  void pause(boolean paused) {
    this.paused = paused;
    db.pause(paused);
  }

  @Override
  public void refresh(Reader reader, Duration maxStale) throws HostException {
    if (!paused && !stale(maxStale)) {
      return;
    }
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
    if (stale(maxStale)) {
      throw new HostException(
          SqliteCode.BUSY,
          "the last successful look at "
              + core.store().describe()
              + " was "
              + Duration.ofMillis(lookAge())
              + " ago, which is more than max_stale="
              + maxStale
              + " allows: "
              + core.notices().failure(),
          null);
    }
  }

  private boolean stale(Duration maxStale) {
    return !maxStale.isZero() && lookAge() > maxStale.toMillis();
  }

  @Override
  public void history(
      Reader reader, long beforeTxid, int max, boolean pages, Consumer<HistoryRow> rows)
      throws HostException {
    forReader(() -> historyRows(beforeTxid, max, pages), settings.openTimeout(), reader)
        .forEach(rows);
  }

  private List<HistoryRow> historyRows(long beforeTxid, int max, boolean pages)
      throws StoreException, ReplicaException {
    History history = new History(core.store(), world, core.headers(), core.timeout());
    for (int attempt = 1; ; attempt++) {
      try {
        List<HistoryRow> rows = new ArrayList<>();
        for (History.State state : history.before(beforeTxid, max)) {
          LtxObject file = state.file();
          rows.add(
              new HistoryRow(
                  state.txid(),
                  state.time(),
                  file.name().level(),
                  pages ? pages(file) : -1,
                  file.size()));
        }
        return rows;
      } catch (ReplicaException e) {
        if (e.kind() != ReplicaException.Kind.VANISHED || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private long pages(LtxObject file) throws StoreException, ReplicaException {
    List<FileTable.Known> opened = core.opener().open(List.of(file));
    try {
      return opened.getFirst().info().pages();
    } finally {
      core.table().discard(opened);
    }
  }

  @Override
  public long lag() {
    try (NativeView newest = db.latest()) {
      return newest == null
          ? -1
          : Math.max(0, Duration.between(newest.info().timestamp(), world.now()).toSeconds());
    }
  }

  @Override
  public long lookAge() {
    Instant look = lastLook;
    return look == null ? -1 : Math.max(0, Duration.between(look, world.now()).toMillis());
  }

  @Override
  public String stats() {
    StoreRequests total = CountingStore.total();
    return "{\"lists\":%d,\"reads\":%d,\"probes\":%d,\"bytes\":%d,\"look_age_ms\":%d}"
        .formatted(total.lists(), total.reads(), total.probes(), total.bytes(), lookAge());
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
  public Travel travel(Reader reader, TravelBy by, String text) throws HostException {
    try {
      return switch (by) {
        case TIME -> travelToTime(reader, text);
        case TXID -> travelToTxid(reader, Txids.parse(text));
      };
    } catch (IllegalArgumentException e) {
      throw new HostException(SqliteCode.ERROR, String.valueOf(e.getMessage()), e);
    }
  }

  private Travel travelToTime(Reader reader, String text) throws HostException {
    if (TimeExpression.isLatest(text)) {
      return new Travel(null, world.now());
    }
    Instant instant = TimeExpression.parse(text, world.now());
    return new Travel(viewForReader(() -> viewAt(instant), reader), instant);
  }

  private Travel travelToTxid(Reader reader, long txid) throws HostException {
    NativeView view = viewForReader(() -> viewOf(txid), reader);
    return new Travel(view, view.info().timestamp());
  }

  /** The newest state strictly before the instant. The view is the caller's. */
  public NativeView viewAt(Instant instant) throws StoreException, ReplicaException {
    return travelled(
        known -> known.timestamp().isBefore(instant), present -> past.view(instant, present));
  }

  /** Exactly the state of a TXID. The view is the caller's. */
  public NativeView viewOf(long txid) throws StoreException, ReplicaException {
    return travelled(known -> known.txid() < txid, present -> past.viewOf(txid, present));
  }

  private interface Way {
    NativeView to(NativeView present) throws StoreException, ReplicaException;
  }

  /**
   * @param ahead whether the destination lies after what is known, so that a look for news is due
   */
  private NativeView travelled(Predicate<ViewInfo> ahead, Way way)
      throws StoreException, ReplicaException {
    for (int attempt = 1; ; attempt++) {
      try (NativeView known = latest()) {
        if (ahead.test(known.info())) {
          pollUnlessFresh();
        }
        try (NativeView present = latest()) {
          return way.to(present);
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

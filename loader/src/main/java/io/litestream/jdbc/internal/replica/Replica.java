package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.LitestreamStats.OpenReplica;
import io.litestream.jdbc.ReplicaState;
import io.litestream.jdbc.StoreRequests;
import io.litestream.jdbc.internal.ffi.DbHost;
import io.litestream.jdbc.internal.ffi.FetchRange;
import io.litestream.jdbc.internal.ffi.HistoryRow;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.Range;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.Travel;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.internal.store.CountingStore;
import io.litestream.jdbc.internal.time.TimeExpression;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

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

  /** What is waited beyond the store's own timeout, so that the store's reason is seen. */
  static final Duration GRACE = Duration.ofSeconds(1);

  private final ReplicaSettings settings;
  private final World world;
  private final NativeDb db;
  private final Core core;
  private final Follower follower;
  private final TimeTravel past;
  private final Replanner replanner;
  private final ReentrantLock turn = new ReentrantLock();
  private final News news = new News();
  private final Lookout lookout;
  private final HistoryRows history;
  private final ReaderWaits waits;
  private final PageReads reads;
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
    this.lookout = new Lookout(core, follower, news, turn, settings.pollInterval());
    this.past = new TimeTravel(core, follower, lookout);
    this.replanner = new Replanner(core, follower);
    this.history = new HistoryRows(core);
    this.waits = new ReaderWaits(world, store);
    this.reads =
        new PageReads(core, waits, core.timeout().plus(GRACE), settings.streaming(), () -> paused);
  }

  public NativeDb db() {
    return db;
  }

  Duration openTimeout() {
    return settings.openTimeout();
  }

  /** Whether all pages are brought into the page cache in the background, where they fit. */
  boolean streamed() {
    return settings.streaming() != Streaming.When.NEVER;
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
    Instant look = lookout.lastSuccess();
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
    lookout.open(settings.openTimeout());
    reads.opened();
  }

  /** One look at the store. Waits for another one that is under way. */
  public void poll() throws StoreException, ReplicaException {
    lookout.look();
  }

  /** One look at the store whose failure is only noted. Returns whether it went well. */
  public boolean pollQuietly() {
    return lookout.lookQuietly();
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
          place(),
          () -> {
            lookout.lookUnlessFresh(stale(maxStale) ? maxStale : Duration.ZERO);
            return Boolean.TRUE;
          },
          REFRESH_LIMIT,
          reader::interrupted);
    } catch (World.InterruptedWait e) {
      throw waits.interrupted(e);
    } catch (StoreException | ReplicaException e) {
      core.notices().failed("no news in time: the known state is served", e);
    }
    if (stale(maxStale)) {
      throw waits.stale(Duration.ofMillis(lookAge()), maxStale, core.notices().failure());
    }
  }

  private boolean stale(Duration maxStale) {
    return !maxStale.isZero() && lookAge() > maxStale.toMillis();
  }

  @Override
  public void history(
      Reader reader, long beforeTxid, int max, boolean pages, Consumer<HistoryRow> rows)
      throws HostException {
    waits
        .get(() -> history.before(beforeTxid, max, pages), settings.openTimeout(), reader)
        .forEach(rows);
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
    Instant look = lookout.lastSuccess();
    return look == null ? -1 : Math.max(0, Duration.between(look, world.now()).toMillis());
  }

  @Override
  public String stats() {
    StoreRequests total = CountingStore.total();
    return "{\"lists\":%d,\"reads\":%d,\"probes\":%d,\"hedges\":%d,\"bytes\":%d,\"look_age_ms\":%d}"
        .formatted(
            total.lists(), total.reads(), total.probes(), total.hedges(), total.bytes(), lookAge());
  }

  @Override
  public void closed() {
    onClose.run();
  }

  // ----------------------------------------------------------------------------------------------------- for readers

  @Override
  public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target)
      throws HostException {
    reads.fetch(reader, fileId, range, target);
  }

  @Override
  public void locate(Reader reader, long fileId, Range index, Range frames, ByteBuffer target)
      throws HostException {
    reads.locate(reader, fileId, index, frames, target);
  }

  @Override
  public void taken(long fileId, long offset, int length) {
    reads.taken(fileId, offset, length);
  }

  @Override
  public boolean ahead(NativeFile file, long fileId, int ordinal, long offset, int length) {
    return reads.ahead(file, fileId, ordinal, offset, length);
  }

  @Override
  public NativeView replan(Reader reader, NativeView pinned) throws HostException {
    NativeView own = pinned.share();
    follower.listSoon(); // what is published may rest on the same file
    onReturn.run();
    return waits.view(
        () -> {
          try (own) {
            return replanner.sameState(own, turn);
          }
        },
        settings.openTimeout(),
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
    return new Travel(waits.view(() -> viewAt(instant), settings.openTimeout(), reader), instant);
  }

  private Travel travelToTxid(Reader reader, long txid) throws HostException {
    NativeView view = waits.view(() -> viewOf(txid), settings.openTimeout(), reader);
    return new Travel(view, view.info().timestamp());
  }

  /** The newest state strictly before the instant. The view is the caller's. */
  public NativeView viewAt(Instant instant) throws StoreException, ReplicaException {
    return past.viewAt(instant);
  }

  /** Exactly the state of a TXID. The view is the caller's. */
  public NativeView viewOf(long txid) throws StoreException, ReplicaException {
    return past.viewOf(txid);
  }

  // ------------------------------------------------------------------------------------------------------- freshness

  /**
   * Looks at the store now. A look that others ask for at the same time serves all of them, but
   * none that was under way before.
   *
   * @param stopped asked now and then; ends the wait when true
   * @throws StoreException when the store fails, or does not answer in time; with the text for the
   *     user
   */
  public void refresh(Duration timeout, BooleanSupplier stopped)
      throws StoreException, ReplicaException, World.InterruptedWait {
    onReturn.run();
    try {
      world.await(
          place(),
          () -> {
            lookout.lookNow();
            return Boolean.TRUE;
          },
          timeout.plus(GRACE),
          stopped);
    } catch (StoreException e) {
      throw new StoreException(e.kind(), ReaderWaits.text(e), e);
    }
  }

  /** How long {@link #refresh(Duration)} had better wait. */
  public Duration requestTimeout() {
    return settings.requestTimeout();
  }

  /**
   * Waits until a state of at least this TXID is published. Meanwhile the store is looked at, even
   * if nobody reads.
   *
   * @param stopped asked now and then; ends the wait when true
   * @return false when the time is over
   */
  public boolean awaitTxid(long txid, Duration timeout, BooleanSupplier stopped)
      throws InterruptedException, World.InterruptedWait {
    return await(known -> known.txid() >= txid, timeout, stopped);
  }

  /** Waits for a state that was synced at this time or later; otherwise as {@link #awaitTxid}. */
  public boolean awaitTime(Instant time, Duration timeout, BooleanSupplier stopped)
      throws InterruptedException, World.InterruptedWait {
    return await(known -> !known.state().time().isBefore(time), timeout, stopped);
  }

  private boolean await(Predicate<News.Known> reached, Duration timeout, BooleanSupplier stopped)
      throws InterruptedException, World.InterruptedWait {
    return news.await(reached, News.bounded(timeout), stopped, onReturn);
  }

  /**
   * Tells a listener of each new state.
   *
   * @param threads where it is called
   * @return ends it; no call begins afterwards
   */
  public Runnable listen(Consumer<ReplicaState> listener, Executor threads) {
    Runnable handle = news.listen(listener, threads);
    onReturn.run();
    return handle;
  }

  /** Whether anybody waits for news beside the readers. */
  boolean awaited() {
    return news.wanted();
  }

  /** Releases everything. No connection may be open any more. */
  public void close() {
    news.close();
    reads.close();
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

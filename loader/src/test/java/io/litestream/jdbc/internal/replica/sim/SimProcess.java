package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.ffi.DbHost;
import io.litestream.jdbc.internal.ffi.FetchRange;
import io.litestream.jdbc.internal.ffi.HistoryRow;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.Range;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.Travel;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.replica.Replica;
import io.litestream.jdbc.internal.replica.ReplicaException;
import io.litestream.jdbc.internal.replica.ReplicaSettings;
import io.litestream.jdbc.internal.replica.SimulatedReplicas;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import io.litestream.jdbc.store.StoreException;
import io.litestream.testkit.model.State;
import io.litestream.testkit.model.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process that reads the replica: its follower, its store, its readers. */
final class SimProcess {

  static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

  private static final ReplicaSettings SETTINGS =
      new ReplicaSettings(
          POLL_INTERVAL, Duration.ofSeconds(10), Duration.ofSeconds(5), Optional.empty());

  private static final AtomicLong IDS = new AtomicLong();

  /** A reader that nobody interrupts. */
  static final Reader PATIENT = () -> false;

  final List<SimReader> readers = new ArrayList<>();
  final SimStore store;
  final SimWorld world;
  private final Surroundings around;
  private final Defect defect;
  private final NativeDb db;
  private final Replica replica;
  private final Map<Long, StoredObject> files = new HashMap<>();
  private @Nullable State highest;
  private boolean paused;
  private int following;

  SimProcess(Surroundings around, SimStore.Mode mode, Defect defect) {
    this.around = around;
    this.defect = defect;
    this.store = new SimStore(around, mode);
    this.world = new SimWorld(around);
    long id = IDS.incrementAndGet();
    try {
      this.db = NativeDb.open(id, "simulated");
    } catch (NativeException e) {
      throw new SimFailure(Kind.UNEXPECTED, "no db", e);
    }
    this.replica = SimulatedReplicas.of(defect.extension(), db, store, world, SETTINGS);
    HostUpcalls.register(id, new Host());
  }

  Replica replica() {
    return replica;
  }

  NativeDb db() {
    return db;
  }

  /** Waits for a first state; false when there is none to be had for now. */
  boolean open() {
    around.counters.opens++;
    try {
      replica.open();
      return true;
    } catch (StoreException | ReplicaException e) {
      refuseDamage(e);
      around.say(() -> "open failed: " + e.getMessage());
      return false;
    }
  }

  /** One look at the store; false when it failed. */
  boolean poll() {
    around.counters.polls++;
    following++;
    try {
      replica.poll();
      return true;
    } catch (StoreException | ReplicaException e) {
      refuseDamage(e);
      around.say(() -> "poll failed: " + e.getMessage());
    } catch (IllegalStateException e) {
      tolerate(e);
      around.say(() -> "poll failed: " + e.getMessage());
    } finally {
      following--;
    }
    return false;
  }

  /** Whether a thread may hold the follower's turn. */
  boolean following() {
    return following > 0;
  }

  /** Says that a thread that may follow begins or ends. */
  void following(boolean begins) {
    following += begins ? 1 : -1;
  }

  /** The planted planners fail as upstream's polls did. */
  void tolerate(IllegalStateException e) {
    if (defect.extension() == SimulatedReplicas.Extension.SOUND) {
      throw e;
    }
  }

  /** No simulated object is damaged. */
  static void refuseDamage(Exception e) {
    if (e instanceof ReplicaException r && r.kind() == ReplicaException.Kind.DAMAGED) {
      throw new SimFailure(Kind.UNREADABLE, "damage where there is none", e);
    }
  }

  void pause(boolean on) {
    paused = on;
    db.pause(on);
    around.say(() -> on ? "paused" : "followed again");
  }

  boolean paused() {
    return paused;
  }

  /** The newest state that a transaction on the present was of; null before the first. */
  @Nullable State highest() {
    return highest;
  }

  /**
   * A reader's transaction turns out to be of a state.
   *
   * @param before {@link #highest} as it began
   */
  void sees(State state, @Nullable State before) {
    if (before != null && older(state, before)) {
      throw new SimFailure(Kind.BACKWARDS, "after " + before + " comes " + state);
    }
    State high = highest;
    if (high == null || older(high, state)) {
      highest = state;
    }
  }

  private static boolean older(State a, State b) {
    return a.lineage() < b.lineage() || (a.lineage() == b.lineage() && a.txid() < b.txid());
  }

  /** Whether a file that the view rests on is surely still in the store as it was. */
  boolean restsOnLiving(NativeView view) {
    for (long id : view.files()) {
      StoredObject file = files.get(id);
      if (file != null && around.primary.store().get(file.key()) == file) {
        return true;
      }
    }
    return false;
  }

  /** The files that the view rests on, as far as they were fetched, and whether they are there. */
  String describe(NativeView view) {
    StringBuilder text = new StringBuilder();
    for (long id : view.files()) {
      StoredObject file = files.get(id);
      if (file != null) {
        boolean there = around.primary.store().get(file.key()) == file;
        text.append(' ').append(file.key()).append(there ? "" : " (gone)");
      }
    }
    return text.toString();
  }

  void close() {
    readers.forEach(SimReader::close);
    readers.clear();
    replica.close();
    world.finish();
    HostUpcalls.unregister(db.id());
  }

  /** The replica as the C core calls it, learning which file has which number. */
  private final class Host implements DbHost {

    @Override
    public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target)
        throws HostException {
      replica.fetch(reader, fileId, range, target);
      StoredObject read = store.lastRead();
      if (read != null) {
        files.put(fileId, read);
      }
    }

    @Override
    public void locate(Reader reader, long fileId, Range index, Range frames, ByteBuffer target)
        throws HostException {
      around.counters.located++;
      replica.locate(reader, fileId, index, frames, target);
      StoredObject read = store.lastRead();
      if (read != null) {
        files.put(fileId, read);
      }
    }

    @Override
    public void taken(long fileId, long offset, int length) {
      replica.taken(fileId, offset, length);
    }

    @Override
    public boolean ahead(NativeFile file, long fileId, int ordinal, long offset, int length) {
      around.counters.readAhead++;
      return replica.ahead(file, fileId, ordinal, offset, length);
    }

    @Override
    public NativeView replan(Reader reader, NativeView pinned) throws HostException {
      around.counters.replans++;
      around.say(() -> "re-plans " + pinned.info());
      if (defect.neverReplans()) {
        throw new HostException(SqliteCode.BUSY, "the state can no longer be read", null);
      }
      return replica.replan(reader, pinned);
    }

    @Override
    public void refresh(Reader reader, Duration maxStale) throws HostException {
      following++;
      try {
        replica.refresh(reader, maxStale);
      } catch (IllegalStateException e) {
        tolerate(e);
      } finally {
        following--;
      }
    }

    @Override
    public Travel travel(Reader reader, TravelBy by, String text) throws HostException {
      return replica.travel(reader, by, text);
    }

    @Override
    public void history(
        Reader reader, long beforeTxid, int max, boolean pages, Consumer<HistoryRow> rows)
        throws HostException {
      replica.history(reader, beforeTxid, max, pages, rows);
    }

    @Override
    public long lag() {
      return replica.lag();
    }

    @Override
    public long lookAge() {
      return replica.lookAge();
    }

    @Override
    public String stats() {
      return replica.stats();
    }

    @Override
    public void closed() {
      replica.closed();
    }
  }

  Instant now() {
    return world.now();
  }
}

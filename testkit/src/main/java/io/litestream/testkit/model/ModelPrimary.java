package io.litestream.testkit.model;

import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import io.litestream.testkit.ltx.RestorePlan;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Litestream primary and its replica. It makes transactions, uploads, compacts, deletes, resets,
 * one step at a time; it keeps every state, so that whatever a reader saw can be compared with what
 * there was. The same seed, configuration and calls give the same bytes.
 *
 * <p>Every step changes at most one object of the store. A step whose method says false found
 * nothing to do and changed nothing. Not thread-safe.
 */
public final class ModelPrimary {

  /** The clock's first reading. */
  public static final long START_MS = 1_767_225_600_000L;

  private static final int MOST_HELD_BACK = 2;

  /**
   * What the replica's content leads to.
   *
   * @param state the state of the TXID that restoring the newest contiguous files gives
   * @param exact false when a snapshot that is ahead of its name makes pages of later states appear
   *     in it
   */
  public record Reachable(State state, boolean exact) {}

  private final ModelConfig config;
  private final SplittableRandom random;
  private final ModelStore store = new ModelStore();
  private final History history;
  private final RandomSteps steps;
  private final Compactions compactions;
  private final Retention retention;
  private final Wal wal;
  private final LtxWriter writer = new LtxWriter();
  private final List<FileContent> heldBack = new ArrayList<>();
  private long nowMs = START_MS;
  private boolean resetting;
  private boolean holding;
  private @Nullable Consumer<String> trace;

  /** A primary whose first step begins lineage 0; the store is empty until then. */
  public ModelPrimary(long seed, ModelConfig config) {
    this.history = new History(seed);
    this.config = config;
    this.random = new SplittableRandom(seed);
    this.wal = new Wal(random);
    this.compactions = new Compactions(config.compactionLevels(), store, this::upload);
    this.retention = new Retention(config, store);
    this.steps = new RandomSteps(this, config, random);
  }

  // What there is.

  public ModelStore store() {
    return store;
  }

  /** The model's clock, Unix milliseconds. */
  public long nowMs() {
    return nowMs;
  }

  /** All states of all lineages. */
  public History history() {
    return history;
  }

  /** The newest state that the primary made; null before the first. */
  public @Nullable State newest() {
    return history.newest();
  }

  /** A state; null when there never was one. */
  public @Nullable State state(int lineage, long txid) {
    return history.state(lineage, txid);
  }

  /**
   * What restoring the newest contiguous files of the store gives; null when nothing can be
   * restored.
   */
  public @Nullable Reachable reachable() {
    List<StoredObject> plan = RestorePlan.reachable(store.list());
    if (plan.isEmpty()) {
      return null;
    }
    long txid = plan.getLast().key().maxTxid();
    State first = plan.getFirst().state();
    State state = Objects.requireNonNull(state(first.lineage(), txid));
    return new Reachable(state, first.txid() <= txid);
  }

  /**
   * Whether there is a lineage to go on with: false before the first and while a reset deletes
   * objects.
   */
  public boolean writable() {
    return !resetting && history.newest() != null;
  }

  /** Whether an upload is held back. */
  public boolean gap() {
    return !heldBack.isEmpty();
  }

  /** Receives one line for each step that did something. */
  public void trace(Consumer<String> lines) {
    trace = lines;
  }

  /** Lets some time pass and takes a step, drawn by weight. */
  public Step step() {
    return steps.next();
  }

  /** Takes a step with drawn parameters; false when there is nothing to do. */
  public boolean take(Step step) {
    return steps.take(step);
  }

  // Transactions. Each makes the next TXID and uploads its raw file (unless held back).

  /** Changes up to this many pages; null while there is no lineage or a reset is running. */
  public @Nullable State sync(int pages) {
    State base = base();
    return base == null
        ? null
        : commit(base, anyPages(pages, base.commit()), base.commit(), base.schemaCookie());
  }

  /** Adds pages at the end; null at the largest size. */
  public @Nullable State grow(int pages) {
    State base = base();
    if (base == null || base.commit() == config.maxPages()) {
      return null;
    }
    int commit = Math.min(config.maxPages(), base.commit() + pages);
    return commit(base, anyPages(2, base.commit()), commit, base.schemaCookie());
  }

  /** Changes the schema cookie and some pages. */
  public @Nullable State ddl() {
    State base = base();
    return base == null
        ? null
        : commit(base, anyPages(3, base.commit()), base.commit(), base.schemaCookie() + 1);
  }

  /** Writes most pages anew and drops up to half of them; null with one page. */
  public @Nullable State vacuum() {
    State base = base();
    if (base == null || base.commit() == 1) {
      return null;
    }
    int commit = base.commit() - 1 - random.nextInt(Math.max(1, base.commit() / 2));
    long half = random.nextLong();
    long most = half | random.nextLong();
    return commit(base, most, commit, base.schemaCookie() + 1);
  }

  /** Drops the last pages; null with one page. */
  public @Nullable State shrink(int pages) {
    State base = base();
    if (base == null || base.commit() == 1) {
      return null;
    }
    int commit = Math.max(1, base.commit() - pages);
    return commit(base, anyPages(2, commit), commit, base.schemaCookie());
  }

  /** Some pages change, and the raw file has all pages and new WAL salts. */
  public @Nullable State fullCopy() {
    State base = base();
    if (base == null) {
      return null;
    }
    return commitWhole(base, anyPages(3, base.commit()), base.schemaCookie());
  }

  /** The WAL begins anew: the next raw file has other salts, and the offset of the first frame. */
  public boolean restartWal() {
    wal.restart();
    say(() -> "WAL restarts");
    return true;
  }

  /**
   * The primary's database is replaced by its state at an older TXID, and goes on with the next
   * TXID as a full copy; null when there is no such state.
   *
   * @param keepCookie whether the schema cookie stays the newest state's, although the schema is
   *     another
   */
  public @Nullable State restoreOlder(long txid, boolean keepCookie) {
    State newest = base();
    State older = newest == null ? null : state(newest.lineage(), txid);
    if (newest == null || older == null || txid >= newest.txid()) {
      return null;
    }
    int cookie = keepCookie ? newest.schemaCookie() : older.schemaCookie() + 1;
    say(() -> "primary restored to TXID " + txid);
    return commitWhole(older, 1 | anyPages(5, older.commit()), cookie);
  }

  private State commit(State base, long pages, int commit, int cookie) {
    History.Change change = history.next(base, pages, commit, cookie, nowMs);
    return publish(change.state(), change.written());
  }

  private State commitWhole(State base, long pages, int cookie) {
    wal.restart();
    State state = history.next(base, pages, base.commit(), cookie, nowMs).state();
    return publish(state, FileContent.allPages(state.commit()));
  }

  /** Uploads a state's raw file, or holds it back. */
  private State publish(State state, long pages) {
    int frames = Long.bitCount(pages) + random.nextInt(3);
    Wal.Range range = wal.append(frames, state.pageSize());
    LtxKey key = new LtxKey(0, state.txid(), state.txid());
    FileContent raw = new FileContent(key, pages, state, nowMs, range);
    if (holding) {
      heldBack.add(raw);
      say(() -> "held back " + key + ": " + state);
    } else {
      upload(raw);
    }
    return state;
  }

  // Uploads and deletions.

  /** A compaction into this level, 1 or more, takes all that the level below has beyond it. */
  public boolean startCompaction(int level) {
    return !resetting
        && compactions.start(level)
        && say(() -> "compaction into " + level + " starts");
  }

  /** The compaction's file appears. */
  public boolean writeCompaction(int level) {
    return compactions.write(level);
  }

  /** A snapshot takes the newest TXID as its name. */
  public boolean startSnapshot() {
    State newest = base();
    return newest != null
        && compactions.startSnapshot(newest, nowMs, wal)
        && say(() -> "snapshot of TXID " + newest.txid() + " starts");
  }

  /**
   * The snapshot's file appears.
   *
   * @param ahead whether it holds the newest state, under the name that was taken at the start
   */
  public boolean writeSnapshot(boolean ahead) {
    return compactions.writeSnapshot(ahead ? newest() : null, wal);
  }

  /** Decides which raw files to delete. */
  public boolean retainRaw() {
    return !resetting && retention.raw(nowMs);
  }

  /** Decides which snapshots and compacted files to delete. */
  public boolean retainSnapshots() {
    return !resetting && retention.snapshots(nowMs);
  }

  /** Deletes one object that retention or a reset gave up. */
  public boolean delete() {
    return retention.delete() && say(() -> "deleted one, " + store.size() + " objects left");
  }

  /**
   * Uploads an object again with the same content and other bytes; false when it does not exist.
   */
  public boolean replace(LtxKey key) {
    StoredObject object = store.get(key);
    if (object == null) {
      return false;
    }
    List<PageEncoding> others = List.copyOf(EnumSet.complementOf(EnumSet.of(object.encoding())));
    put(object.content(), others.get(random.nextInt(others.size())));
    return true;
  }

  /**
   * Makes a transaction whose raw file stays away until {@link #repair}; false when two already do.
   */
  public boolean holdBack() {
    if (heldBack.size() >= MOST_HELD_BACK || base() == null) {
      return false;
    }
    holding = true;
    sync(2);
    holding = false;
    return true;
  }

  /** Uploads one of the raw files that were held back. */
  public boolean repair() {
    return !heldBack.isEmpty() && upload(heldBack.remove(random.nextInt(heldBack.size())));
  }

  /** Lets time pass. */
  public boolean advance(long ms) {
    nowMs += ms;
    return true;
  }

  private boolean upload(FileContent content) {
    boolean legacy = content.aheadOfName();
    List<PageEncoding> all = config.encodings();
    put(content, legacy ? PageEncoding.STORED_FRAME : all.get(random.nextInt(all.size())));
    return true;
  }

  private void put(FileContent content, PageEncoding encoding) {
    byte[] scratch = new byte[content.state().pageSize()];
    long grain = config.modifiedGrainMs();
    long modified = (nowMs + grain - 1) / grain * grain;
    byte[] bytes = content.encode(writer, encoding, scratch);
    store.put(new StoredObject(content, encoding, bytes, modified));
    say(() -> "uploaded " + content.key() + " as " + encoding + ": " + content.state());
  }

  // Lineages.

  /** Starts a reset: nothing else happens until every object is deleted and a lineage has begun. */
  public boolean beginReset() {
    if (base() == null) {
      return false;
    }
    compactions.cancel();
    heldBack.clear();
    retention.everything(new Random(random.nextLong()));
    resetting = true;
    return say(() -> "reset of lineage " + history.lineage());
  }

  /**
   * Begins a lineage at TXID 1.
   *
   * @param keepCookie whether schema cookie and change counter are those of the lineage before,
   *     although schema and content are others
   * @throws IllegalStateException when there are objects of the lineage before
   */
  public State beginLineage(int pageSize, int commit, boolean keepCookie) {
    if (store.size() > 0) {
      throw new IllegalStateException(
          "the store has " + store.size() + " objects: reset and delete");
    }
    State old = newest();
    int cookie = old != null && keepCookie ? old.schemaCookie() : 1 + random.nextInt(8);
    int counter = old != null && keepCookie ? old.changeCounter() : 1 + random.nextInt(8);
    resetting = false;
    wal.restart();
    History.Change change = history.begin(pageSize, commit, counter, cookie, nowMs);
    return publish(change.state(), change.written());
  }

  /** The state that the next transaction builds on; null when there can be none now. */
  private @Nullable State base() {
    return resetting ? null : history.newest();
  }

  private long anyPages(int count, int commit) {
    long pages = 0;
    for (int i = 0; i < count; i++) {
      pages |= 1L << random.nextInt(commit);
    }
    return pages;
  }

  private boolean say(Supplier<String> line) {
    if (trace != null) {
      trace.accept(nowMs - START_MS + " ms: " + line.get());
    }
    return true;
  }
}

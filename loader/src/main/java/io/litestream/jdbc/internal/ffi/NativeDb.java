package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One replica in this process: its files and its latest view. This is Java's reference to it; each
 * connection has its own. Thread-safe but for {@link #close}.
 */
public final class NativeDb extends Handle {

  /** Files reaped by one downcall; more are fetched by the next. */
  private static final int REAP_BATCH = 64;

  private final long id;

  private NativeDb(MemorySegment pointer, long id) {
    super(pointer);
    this.id = id;
  }

  /**
   * A replica without files.
   *
   * @param id what host calls name it by ({@link HostUpcalls#register}); unique in the process
   * @param label for error texts, without secrets
   */
  public static NativeDb open(long id, String label) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(label);
      MemorySegment db =
          NativeCore.produce(
              arena, (out, err, cap) -> (int) NativeCore.Calls.DB_OPEN.invokeExact(id, text, out));
      return new NativeDb(db, id);
    }
  }

  public long id() {
    return id;
  }

  /** A file from all its bytes: everything in it is verified, and its pages go to the cache. */
  public NativeFile load(FileSpec spec, byte[] bytes) throws NativeException {
    requireSize(spec, bytes.length);
    MemorySegment db = pointer();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = struct(arena, spec);
      MemorySegment all = copy(arena, bytes);
      return new NativeFile(
          NativeCore.produce(
              arena,
              (out, err, cap) ->
                  (int) NativeCore.Calls.FILE_LOAD.invokeExact(db, struct, all, out, err, cap)));
    }
  }

  /**
   * A file from its ends.
   *
   * @param prefix from offset 0, with the header and, where the file holds page 1, that frame
   * @param suffix the last bytes, with the whole page index; of a snapshot, the last few suffice
   * @throws NativeException {@link SqliteCode#TOOBIG} when the whole page index is needed, and is
   *     not there
   */
  public NativeFile open(FileSpec spec, byte[] prefix, byte[] suffix) throws NativeException {
    MemorySegment db = pointer();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = struct(arena, spec);
      MemorySegment first = copy(arena, prefix);
      MemorySegment last = copy(arena, suffix);
      long firstLength = prefix.length;
      long lastLength = suffix.length;
      return new NativeFile(
          NativeCore.produce(
              arena,
              (out, err, cap) ->
                  (int)
                      NativeCore.Calls.FILE_OPEN.invokeExact(
                          db, struct, first, firstLength, last, lastLength, out, err, cap)));
    }
  }

  /**
   * The overlay of files in plan order, as a new state. Each file's min TXID is at most the
   * position so far + 1.
   */
  public NativeView build(List<NativeFile> files) throws NativeException {
    MemorySegment db = pointer();
    try (Arena arena = Arena.ofConfined()) {
      int count = files.size();
      MemorySegment pointers = arena.allocate(ADDRESS, Math.max(count, 1));
      for (int i = 0; i < count; i++) {
        pointers.setAtIndex(ADDRESS, i, files.get(i).pointer());
      }
      return NativeView.owned(
          NativeCore.produce(
              arena,
              (out, err, cap) ->
                  (int)
                      NativeCore.Calls.VIEW_BUILD.invokeExact(db, pointers, count, out, err, cap)));
    }
  }

  /**
   * {@code base} plus one file, sharing all untouched parts. The base is unchanged and stays its
   * owner's.
   */
  public NativeView apply(NativeView base, NativeFile file) throws NativeException {
    MemorySegment db = pointer();
    MemorySegment view = base.pointer();
    MemorySegment added = file.pointer();
    try (Arena arena = Arena.ofConfined()) {
      return NativeView.owned(
          NativeCore.produce(
              arena,
              (out, err, cap) ->
                  (int) NativeCore.Calls.VIEW_APPLY.invokeExact(db, view, added, out, err, cap)));
    }
  }

  /** Makes the view (borrowed) what the next pin gets. Never blocks readers. */
  public void publish(NativeView v) throws NativeException {
    MemorySegment db = pointer();
    MemorySegment view = v.pointer();
    int code;
    try {
      code = (int) NativeCore.Calls.DB_PUBLISH.invokeExact(db, view);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
    if (code != SqliteCode.OK) {
      throw new NativeException(code, "cannot publish " + v.info() + ": SQLite code " + code);
    }
  }

  /** The latest published view, for the caller to close; null before the first. */
  public @Nullable NativeView latest() {
    MemorySegment db = pointer();
    try {
      MemorySegment view = (MemorySegment) NativeCore.Calls.DB_LATEST.invokeExact(db);
      return view.address() == 0 ? null : NativeView.owned(view);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /**
   * What stands in the way of following, for {@code litestream_last_error}; null when all is well.
   */
  public void notice(@Nullable String text) {
    MemorySegment db = pointer();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = text == null ? MemorySegment.NULL : arena.allocateFrom(text);
      int unused =
          (int) NativeCore.Calls.DB_NOTICE.invokeExact(db, copy); // NOMEM keeps the old text
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** While paused, a pin first calls {@link DbHost#refresh}. */
  public void pause(boolean paused) {
    MemorySegment db = pointer();
    try {
      NativeCore.Calls.DB_PAUSE.invokeExact(db, paused ? 1 : 0);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** Whether any reader has pinned since the last call. */
  public boolean active() {
    MemorySegment db = pointer();
    try {
      return (int) NativeCore.Calls.DB_ACTIVE.invokeExact(db) != 0;
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** The ids of files that no view uses any more; each is told once. */
  public long[] reap() {
    MemorySegment db = pointer();
    long[] all = {};
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ids = arena.allocate(JAVA_LONG, REAP_BATCH);
      int told;
      do {
        told = (int) NativeCore.Calls.DB_REAP.invokeExact(db, ids, REAP_BATCH);
        int known = all.length;
        all = Arrays.copyOf(all, known + told);
        MemorySegment.copy(ids, JAVA_LONG, 0, all, known, told);
      } while (told == REAP_BATCH);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
    return all;
  }

  /** What SQLite's file methods are made of, for tests without SQL. */
  public NativeReader reader() throws NativeException {
    MemorySegment db = pointer();
    try (Arena arena = Arena.ofConfined()) {
      return new NativeReader(
          this,
          NativeCore.produce(
              arena, (out, err, cap) -> (int) NativeCore.Calls.READER_OPEN.invokeExact(db, out)));
    }
  }

  /** The db's pointer with one more reference, for a connection. */
  MemorySegment give() {
    MemorySegment db = pointer();
    try {
      NativeCore.Calls.DB_REF.invokeExact(db);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
    return db;
  }

  @Override
  void release(MemorySegment pointer) {
    try {
      NativeCore.Calls.DB_CLOSE.invokeExact(pointer);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** C takes the spec's word for the length of the bytes. */
  private static void requireSize(FileSpec spec, int length) throws NativeException {
    if (spec.size() != length) {
      throw new NativeException(
          SqliteCode.CORRUPT,
          spec.describe() + ": expected " + spec.size() + " bytes, found " + length);
    }
  }

  private static MemorySegment struct(Arena arena, FileSpec spec) {
    MemorySegment struct = arena.allocate(Layouts.FILE_SPEC);
    Layouts.write(spec, arena.allocateFrom(spec.describe()), struct);
    return struct;
  }

  private static MemorySegment copy(Arena arena, byte[] bytes) {
    MemorySegment copy = arena.allocate(Math.max(bytes.length, 1));
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
    return copy;
  }
}

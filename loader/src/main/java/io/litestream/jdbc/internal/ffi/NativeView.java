package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One immutable state of a database: one reference to it, or a borrowed one that ends with the host
 * call it came with. Thread-safe but for {@link #close}.
 */
public final class NativeView extends Handle {

  private final boolean borrowed;

  private NativeView(MemorySegment pointer, boolean borrowed) {
    super(pointer);
    this.borrowed = borrowed;
  }

  static NativeView owned(MemorySegment pointer) {
    return new NativeView(pointer, false);
  }

  static NativeView borrowed(MemorySegment pointer) {
    return new NativeView(pointer, true);
  }

  public ViewInfo info() {
    MemorySegment view = pointer();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = arena.allocate(Layouts.VIEW_INFO);
      NativeCore.Calls.VIEW_GET_INFO.invokeExact(view, struct);
      return Layouts.viewInfo(struct);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** The ids of the files it rests on, newest max TXID first. */
  public long[] files() {
    MemorySegment view = pointer();
    try (Arena arena = Arena.ofConfined()) {
      int count = (int) NativeCore.Calls.VIEW_FILES.invokeExact(view, MemorySegment.NULL, 0);
      MemorySegment ids = arena.allocate(JAVA_LONG, Math.max(count, 1));
      int told = (int) NativeCore.Calls.VIEW_FILES.invokeExact(view, ids, count);
      return ids.asSlice(0, (long) Math.min(count, told) * Long.BYTES).toArray(JAVA_LONG);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** One more reference to the same state, for its own owner to close. */
  public NativeView share() {
    MemorySegment view = pointer();
    ref(view);
    return owned(view);
  }

  /**
   * Says that this view, just built and not yet seen by any reader, is the same state as {@code
   * other}: readers see no change between the two.
   *
   * @throws NativeException {@link SqliteCode#MISMATCH} when TXID, commit or page size differ
   */
  public void sameAs(NativeView other) throws NativeException {
    MemorySegment view = pointer();
    MemorySegment same = other.pointer();
    int code;
    try {
      code = (int) NativeCore.Calls.VIEW_SAME.invokeExact(view, same);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
    if (code != SqliteCode.OK) {
      throw new NativeException(code, "not the same state: " + info() + " and " + other.info());
    }
  }

  /**
   * What this view, another state that nobody sees yet, would cost readers that went on from the
   * one before: the first frames of one of its files, from an ordinal on, that are not in the page
   * cache, and whose pages were read lately. Up to {@code most} bytes; null when there are none.
   */
  public @Nullable FileGap gap(NativeView before, NativeFile file, int ordinal, int most) {
    MemorySegment view = pointer();
    MemorySegment old = before.pointer();
    MemorySegment of = file.pointer();
    return FileGap.asked(
        (first, offset, length, next) ->
            (int)
                NativeCore.Calls.VIEW_GAP.invokeExact(
                    view, old, of, ordinal, most, first, offset, length, next));
  }

  /** Ends this handle; the pointer carries a reference for its new owner. */
  MemorySegment give() {
    MemorySegment view = handOver();
    if (borrowed) {
      ref(view);
    }
    return view;
  }

  private static void ref(MemorySegment view) {
    try {
      NativeCore.Calls.VIEW_REF.invokeExact(view);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  @Override
  void release(MemorySegment pointer) {
    if (borrowed) {
      return;
    }
    try {
      NativeCore.Calls.VIEW_UNREF.invokeExact(pointer);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }
}

package io.litestream.jdbc.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One LTX file that the core has decoded: one reference to it. Views hold their own. Thread-safe
 * but for {@link #close}.
 */
public final class NativeFile extends Handle {

  /** {@code LS_PAGE_INDEX}: instead of an ordinal, for a piece of the page index. */
  public static final int PAGE_INDEX = -1;

  private final FileInfo info;

  NativeFile(MemorySegment pointer) {
    super(pointer);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = arena.allocate(Layouts.FILE_INFO);
      NativeCore.Calls.FILE_GET_INFO.invokeExact(pointer, struct);
      this.info = Layouts.fileInfo(struct);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** What the file says about itself; also after {@link #close}. */
  public FileInfo info() {
    return info;
  }

  /**
   * Puts the pages of a range in the cache; bad ones are left out. Or takes over what a piece of
   * the page index tells.
   *
   * @param ordinal of the frame that begins at {@code offset}, or {@link #PAGE_INDEX}
   */
  public void offer(int ordinal, long offset, byte[] bytes) {
    int code;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(bytes.length);
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
      code =
          (int)
              NativeCore.Calls.FILE_OFFER.invokeExact(
                  pointer(), ordinal, offset, copy, bytes.length);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
    if (code != SqliteCode.OK) {
      throw new IllegalArgumentException("no frame " + ordinal + " at offset " + offset);
    }
  }

  /**
   * The first frames from an ordinal on that are not in the page cache, with what lies between
   * them, up to {@code most} bytes; null when there are none, and for a file that was taken whole.
   * Where it is not known yet where they lie, the piece of the page index that tells.
   */
  public @Nullable FileGap gap(int ordinal, int most) {
    MemorySegment file = pointer();
    return FileGap.asked(
        (first, offset, length, next) ->
            (int)
                NativeCore.Calls.FILE_GAP.invokeExact(
                    file, ordinal, most, first, offset, length, next));
  }

  @Override
  void release(MemorySegment pointer) {
    try {
      NativeCore.Calls.FILE_UNREF.invokeExact(pointer);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }
}

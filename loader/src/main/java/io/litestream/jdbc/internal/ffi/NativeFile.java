package io.litestream.jdbc.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One LTX file that the core has decoded: one reference to it. Views hold their own. Thread-safe
 * but for {@link #close}.
 */
public final class NativeFile extends Handle {

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
   * Puts the pages of a range in the cache; bad ones are left out.
   *
   * @param ordinal of the frame that begins at {@code offset}
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

  @Override
  void release(MemorySegment pointer) {
    try {
      NativeCore.Calls.FILE_UNREF.invokeExact(pointer);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }
}

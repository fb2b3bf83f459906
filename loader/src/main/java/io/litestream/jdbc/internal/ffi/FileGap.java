package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A range of whole frames that begins and ends with one that is not in the page cache; or the piece
 * of the page index that tells where such frames are.
 *
 * @param ordinal of the frame that the range begins with, or {@link NativeFile#PAGE_INDEX}
 * @param offset where it begins in the object, bytes
 * @param length in bytes
 * @param next the ordinal after its last frame; that of the frame looked for, with a piece of the
 *     page index
 */
public record FileGap(int ordinal, long offset, int length, int next) {

  /** A call that fills a gap's fields, or says that there is none. */
  interface Question {
    int call(MemorySegment first, MemorySegment offset, MemorySegment length, MemorySegment next)
        throws Throwable;
  }

  /** The answer; null for any code but OK. */
  static @Nullable FileGap asked(Question question) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(JAVA_INT);
      MemorySegment offset = arena.allocate(JAVA_LONG);
      MemorySegment length = arena.allocate(JAVA_INT);
      MemorySegment next = arena.allocate(JAVA_INT);
      return question.call(first, offset, length, next) != SqliteCode.OK
          ? null
          : new FileGap(
              first.get(JAVA_INT, 0),
              offset.get(JAVA_LONG, 0),
              length.get(JAVA_INT, 0),
              next.get(JAVA_INT, 0));
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** Whether it is a piece of the page index. */
  public boolean index() {
    return ordinal == NativeFile.PAGE_INDEX;
  }
}

package io.litestream.jdbc.internal.ffi;

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

  /** Whether it is a piece of the page index. */
  public boolean index() {
    return ordinal == NativeFile.PAGE_INDEX;
  }
}

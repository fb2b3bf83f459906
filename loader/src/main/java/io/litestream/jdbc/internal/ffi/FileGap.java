package io.litestream.jdbc.internal.ffi;

/**
 * A range of whole frames that begins and ends with one that is not in the page cache.
 *
 * @param ordinal of the frame that the range begins with
 * @param offset where it begins in the object, bytes
 * @param length in bytes
 * @param next the ordinal after its last frame
 */
public record FileGap(int ordinal, long offset, int length, int next) {}

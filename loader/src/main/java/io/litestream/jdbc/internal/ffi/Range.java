package io.litestream.jdbc.internal.ffi;

/**
 * A part of an object.
 *
 * @param offset where it begins, bytes
 * @param length in bytes
 */
public record Range(long offset, int length) {}

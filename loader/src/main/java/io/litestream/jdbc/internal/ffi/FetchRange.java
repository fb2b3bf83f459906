package io.litestream.jdbc.internal.ffi;

/**
 * What a reader fetches of an object, and what of that it waits for.
 *
 * @param offset where the range begins in the object, bytes
 * @param length of the range, bytes
 * @param needAt where the needed part begins in the object, bytes
 * @param need its length, bytes
 */
public record FetchRange(long offset, int length, long needAt, int need) {}

package io.litestream.testkit.ltx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * LZ4 blocks of at most 64 KiB: a greedy matcher, and blocks of literals only.
 *
 * <p>Not thread-safe: an encoder keeps its hash table from call to call, and tells entries of
 * earlier calls from its own by their position, so that nothing is cleared.
 */
final class Lz4Encoder {

  private static final int HASH_BITS = 12;
  private static final int MIN_MATCH = 4;

  /** The last five bytes of a block are literals, and no match starts in its last twelve. */
  private static final int LAST_LITERALS = 5;

  private static final int MATCH_LIMIT = 12;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final int[] table = new int[1 << HASH_BITS];

  /** Position 0 of the current block in the table's numbering; everything below it is stale. */
  private int origin = 1;

  /** The most bytes that a block of {@code length} bytes can take. */
  static int bound(int length) {
    return length + length / 255 + 16;
  }

  /** Compresses to {@code to[at..]}, which has room for {@link #bound}; returns the end. */
  int compress(byte[] from, int offset, int length, byte[] to, int at) {
    if (origin > Integer.MAX_VALUE - 2 * length) {
      Arrays.fill(table, 0);
      origin = 1;
    }
    int end = offset + length;
    int anchor = offset;
    int out = at;
    int i = offset;
    while (i <= end - MATCH_LIMIT) {
      int word = (int) INT.get(from, i);
      int slot = (word * 0x9E3779B1) >>> (32 - HASH_BITS);
      int candidate = table[slot] - origin + offset;
      table[slot] = i - offset + origin;
      if (candidate < offset || (int) INT.get(from, candidate) != word || i - candidate > 0xffff) {
        i += 1 + ((i - anchor) >> 6);
        continue;
      }
      int match = MIN_MATCH;
      int most = end - LAST_LITERALS - i;
      while (match < most && from[candidate + match] == from[i + match]) {
        match++;
      }
      out = literals(from, anchor, i - anchor, Math.min(match - MIN_MATCH, 15), to, out);
      to[out++] = (byte) (i - candidate);
      to[out++] = (byte) ((i - candidate) >> 8);
      out = extend(match - MIN_MATCH, to, out);
      i += match;
      anchor = i;
    }
    origin += length;
    return literals(from, anchor, end - anchor, 0, to, out);
  }

  /** Writes one sequence of literals: the fastest legal block. */
  static int store(byte[] from, int offset, int length, byte[] to, int at) {
    return literals(from, offset, length, 0, to, at);
  }

  private static int literals(
      byte[] from, int start, int count, int matchToken, byte[] to, int at) {
    to[at] = (byte) (Math.min(count, 15) << 4 | matchToken);
    int out = extend(count, to, at + 1);
    System.arraycopy(from, start, to, out, count);
    return out + count;
  }

  /** Writes what a length has beyond the token's four bits. */
  private static int extend(int length, byte[] to, int at) {
    int out = at;
    if (length >= 15) {
      int rest = length - 15;
      for (; rest >= 255; rest -= 255) {
        to[out++] = (byte) 255;
      }
      to[out++] = (byte) rest;
    }
    return out;
  }
}

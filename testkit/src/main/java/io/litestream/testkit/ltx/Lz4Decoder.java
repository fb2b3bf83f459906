package io.litestream.testkit.ltx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Decodes LZ4 blocks and frames of exactly one page. Throws {@link LtxFormatException} on anything
 * else.
 */
final class Lz4Decoder {

  static final int FRAME_MAGIC = 0x184D2204;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] from;
  private final byte[] to;
  private int out;

  private Lz4Decoder(byte[] from, byte[] to) {
    this.from = from;
    this.to = to;
  }

  /** Decodes the block {@code from[offset..end)}, which must fill {@code to}. */
  static void block(byte[] from, int offset, int end, byte[] to) {
    Lz4Decoder decoder = new Lz4Decoder(from, to);
    decoder.block(offset, end, 0);
    decoder.requireFull(offset);
  }

  /**
   * Decodes the frame at {@code from[offset]}, whose content must fill {@code to}; returns its end.
   */
  static int frame(byte[] from, int offset, byte[] to) {
    Lz4Decoder decoder = new Lz4Decoder(from, to);
    int end = decoder.frame(offset);
    decoder.requireFull(offset);
    return end;
  }

  private void requireFull(int offset) {
    check(out == to.length, "LZ4 data at " + offset + " gives " + out + " bytes, not " + to.length);
  }

  private int frame(int offset) {
    check(word(offset) == FRAME_MAGIC, "no LZ4 frame magic at " + offset);
    int flags = octet(offset + 4);
    check(flags >> 6 == 1, "LZ4 frame version " + (flags >> 6));
    boolean independent = (flags & 0x20) != 0;
    boolean blockSums = (flags & 0x10) != 0;
    int p = offset + 6 + ((flags & 0x08) != 0 ? 8 : 0) + ((flags & 0x01) != 0 ? 4 : 0);
    check(p < from.length, "LZ4 frame header is cut");
    int sum = XxHash32.of(from, offset + 4, p - offset - 4) >>> 8 & 0xff;
    check(sum == octet(p), "LZ4 frame header checksum");
    p++;
    while (word(p) != 0) {
      boolean raw = word(p) < 0;
      int size = word(p) & 0x7fffffff;
      p += 4;
      check(size <= from.length - p, "LZ4 frame block runs past the end");
      if (raw) {
        copy(p, size);
      } else {
        block(p, p + size, independent ? out : 0);
      }
      if (blockSums) {
        check(XxHash32.of(from, p, size) == word(p + size), "LZ4 block checksum");
      }
      p += size + (blockSums ? 4 : 0);
    }
    p += 4;
    if ((flags & 0x04) != 0) {
      check(XxHash32.of(to, 0, out) == word(p), "LZ4 frame content checksum");
      p += 4;
    }
    return p;
  }

  /** Decodes one block; matches may reach back to {@code history}. */
  private void block(int offset, int end, int history) {
    int p = offset;
    check(p < end, "empty LZ4 block");
    while (true) {
      int token = from[p++] & 0xff;
      int count = token >> 4;
      for (int more = 255; count >= 15 && more == 255; count += more) {
        check(p < end, "cut LZ4 literal length");
        more = from[p++] & 0xff;
      }
      check(count <= end - p, "LZ4 literals run past the input");
      copy(p, count);
      p += count;
      if (p == end) {
        return;
      }
      check(end - p >= 2, "cut LZ4 match");
      int distance = (from[p] & 0xff) | ((from[p + 1] & 0xff) << 8);
      p += 2;
      count = token & 15;
      for (int more = 255; count >= 15 && more == 255; count += more) {
        check(p < end, "cut LZ4 match length");
        more = from[p++] & 0xff;
      }
      match(distance, count + 4, history);
      check(p < end, "LZ4 block ends with a match");
    }
  }

  private void match(int distance, int count, int history) {
    check(distance > 0 && distance <= out - history, "LZ4 match distance " + distance);
    check(count <= to.length - out, "LZ4 data is longer than a page");
    for (int i = 0; i < count; i++) {
      to[out + i] = to[out + i - distance];
    }
    out += count;
  }

  private void copy(int p, int count) {
    check(count <= to.length - out, "LZ4 data is longer than a page");
    System.arraycopy(from, p, to, out, count);
    out += count;
  }

  private int word(int p) {
    check(p >= 0 && p <= from.length - 4, "cut LZ4 frame");
    return (int) INT.get(from, p);
  }

  private int octet(int p) {
    check(p >= 0 && p < from.length, "cut LZ4 frame");
    return from[p] & 0xff;
  }

  private static void check(boolean ok, String what) {
    if (!ok) {
      throw new LtxFormatException(what);
    }
  }
}

package io.litestream.testkit.ltx;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes LTX files, byte for byte as Litestream's library does. It checks nothing that a caller may
 * want wrong: the order of the pages and the header's values are the caller's.
 *
 * <p>A writer is used for many files, one after the other: {@link #begin}, {@link #page}..., {@link
 * #finish}. Not thread-safe.
 */
public final class LtxWriter {

  private static final int PAGE_HEADER = 6;
  private static final int SIZE_FIELD = 4;

  /** Version 1, independent blocks, content checksum; blocks of 64 KiB; that header's checksum. */
  private static final int LEGACY_DESCRIPTOR = 0x64_40_A7;

  private final Lz4Encoder lz4 = new Lz4Encoder();
  private final byte[] number = new byte[4];
  private byte[] out = new byte[1 << 14];
  private byte[] index = new byte[1 << 10];
  private int at;
  private int indexAt;
  private long crc;
  private long rolling;
  private LtxHeader header = LtxHeader.of(512, 1, 1, 1, 0);
  private PageEncoding encoding = PageEncoding.BLOCK;

  /** One whole file without rolling checksums, or with those of its own pages. */
  public static byte[] file(
      PageEncoding encoding, LtxHeader header, SortedMap<Integer, byte[]> pages) {
    LtxWriter writer = new LtxWriter().begin(encoding, header);
    for (Map.Entry<Integer, byte[]> page : pages.entrySet()) {
      writer.page(page.getKey(), page.getValue(), 0);
    }
    return writer.finish();
  }

  /** Starts a file. */
  public LtxWriter begin(PageEncoding newEncoding, LtxHeader newHeader) {
    encoding = newEncoding;
    header = newHeader;
    at = 0;
    indexAt = 0;
    rolling = Crc64.FLAG;
    room(LtxHeader.SIZE);
    newHeader.encode(ByteBuffer.wrap(out));
    at = LtxHeader.SIZE;
    crc = Crc64.update(0, out, 0, at);
    return this;
  }

  /** Adds the page {@code data[offset .. offset + page size)}. */
  public LtxWriter page(int pgno, byte[] data, int offset) {
    int size = header.pageSize();
    room(Lz4Encoder.bound(size) + 64);
    int start = at;
    putInt(pgno);
    out[at++] = 0;
    out[at++] = (byte) (encoding.sized() ? 1 : 0);
    if (encoding.sized()) {
      block(data, offset, size);
      crc = Crc64.update(crc, out, start, PAGE_HEADER + SIZE_FIELD);
    } else {
      frame(data, offset, size);
      crc = Crc64.update(crc, out, start, PAGE_HEADER);
    }
    crc = Crc64.update(crc, data, offset, size);
    if (!header.noChecksum()) {
      rolling = Crc64.FLAG | (rolling ^ pageChecksum(pgno, data, offset, size));
    }
    varint(Integer.toUnsignedLong(pgno));
    varint(start);
    varint(at - start);
    return this;
  }

  /** Ends a file; with rolling checksums, the one of its pages is the post-apply checksum. */
  public byte[] finish() {
    return finish(header.noChecksum() ? 0 : rolling);
  }

  /** Ends a file with this post-apply checksum. */
  public byte[] finish(long postApply) {
    varint(0);
    room(PAGE_HEADER + indexAt + 3 * Long.BYTES);
    int start = at;
    putInt(0);
    out[at++] = 0;
    out[at++] = 0;
    System.arraycopy(index, 0, out, at, indexAt);
    at += indexAt;
    putLong(indexAt);
    putLong(postApply);
    crc = Crc64.update(crc, out, start, at - start);
    putLong(Crc64.FLAG | crc);
    return Arrays.copyOf(out, at);
  }

  private void block(byte[] data, int offset, int size) {
    int field = at;
    at += SIZE_FIELD;
    at =
        encoding == PageEncoding.BLOCK
            ? lz4.compress(data, offset, size, out, at)
            : Lz4Encoder.store(data, offset, size, out, at);
    int end = at;
    at = field;
    putInt(end - field - SIZE_FIELD);
    at = end;
  }

  private void frame(byte[] data, int offset, int size) {
    putIntLittle(Lz4Decoder.FRAME_MAGIC);
    out[at++] = (byte) (LEGACY_DESCRIPTOR >> 16);
    out[at++] = (byte) (LEGACY_DESCRIPTOR >> 8);
    out[at++] = (byte) LEGACY_DESCRIPTOR;
    int field = at;
    at += SIZE_FIELD;
    int end =
        encoding == PageEncoding.FRAME ? lz4.compress(data, offset, size, out, at) : at + size;
    int stored = 0;
    if (end - at >= size) {
      System.arraycopy(data, offset, out, at, size);
      end = at + size;
      stored = 1 << 31;
    }
    at = field;
    putIntLittle(end - field - SIZE_FIELD | stored);
    at = end;
    putIntLittle(0);
    putIntLittle(XxHash32.of(data, offset, size));
  }

  private long pageChecksum(int pgno, byte[] data, int offset, int size) {
    ByteBuffer.wrap(number).putInt(pgno);
    return Crc64.FLAG | Crc64.update(Crc64.update(0, number, 0, 4), data, offset, size);
  }

  private void varint(long value) {
    if (index.length - indexAt < 10) {
      index = Arrays.copyOf(index, 2 * index.length);
    }
    long v = value;
    for (; v >= 0x80; v >>>= 7) {
      index[indexAt++] = (byte) (v | 0x80);
    }
    index[indexAt++] = (byte) v;
  }

  private void putInt(int v) {
    putIntLittle(Integer.reverseBytes(v));
  }

  private void putIntLittle(int v) {
    out[at++] = (byte) v;
    out[at++] = (byte) (v >> 8);
    out[at++] = (byte) (v >> 16);
    out[at++] = (byte) (v >> 24);
  }

  private void putLong(long v) {
    putInt((int) (v >> 32));
    putInt((int) v);
  }

  private void room(int bytes) {
    if (out.length - at < bytes) {
      out = Arrays.copyOf(out, Math.max(2 * out.length, at + bytes));
    }
  }
}

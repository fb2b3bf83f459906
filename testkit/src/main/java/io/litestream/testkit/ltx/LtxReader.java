package io.litestream.testkit.ltx;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Decodes a whole LTX file and verifies all there is to verify: header, order and range of the
 * pages, every page's payload, that the index equals the frames, the file checksum, rolling
 * checksums of snapshots, completeness of snapshots. Written from the format, independently of the
 * project's decoder, as an oracle.
 */
public final class LtxReader {

  private final byte[] bytes;
  private final LtxHeader header;
  private final NavigableMap<Integer, byte[]> pages = new TreeMap<>();
  private final List<LtxFile.Frame> frames = new ArrayList<>();
  private long crc;
  private long rolling = Crc64.FLAG;
  private int previous;

  private LtxReader(byte[] bytes) {
    this.bytes = bytes;
    this.header = LtxHeader.decode(bytes);
  }

  /** Decodes a file; throws {@link LtxFormatException} when it breaks any rule. */
  public static LtxFile decode(byte[] bytes) {
    try {
      return new LtxReader(bytes).decode();
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new LtxFormatException("the file is cut: " + e);
    }
  }

  private LtxFile decode() {
    header.validate();
    crc = Crc64.update(0, bytes, 0, LtxHeader.SIZE);
    int p = LtxHeader.SIZE;
    ByteBuffer b = ByteBuffer.wrap(bytes);
    while (b.getInt(p) != 0 || b.getShort(p + 4) != 0) {
      p = frame(b, p);
    }
    check(
        !header.snapshot() || previous == lastPage(),
        "the snapshot ends at page " + previous + ", commit is " + header.commit());
    p += 6;
    int index = p;
    p = index(p);
    check(b.getLong(p) == p - index, "index length " + b.getLong(p) + ", found " + (p - index));
    long postApply = b.getLong(p + 8);
    long checksum = b.getLong(p + 16);
    check(p + 24 == bytes.length, (bytes.length - p - 24) + " bytes after the trailer");
    crc = Crc64.update(crc, bytes, index - 6, bytes.length - 8 - (index - 6));
    check(checksum == (Crc64.FLAG | crc), "file checksum");
    checkPostApply(postApply);
    return new LtxFile(header, pages, List.copyOf(frames), postApply, checksum);
  }

  private int frame(ByteBuffer b, int start) {
    int pgno = b.getInt(start);
    int flags = b.getShort(start + 4) & 0xffff;
    check(
        pgno > 0 && flags <= 1, "page header at " + start + ": page " + pgno + ", flags " + flags);
    checkOrder(pgno);
    byte[] page = new byte[header.pageSize()];
    int end;
    if (flags == 1) {
      int size = b.getInt(start + 6);
      check(size >= 0 && size <= bytes.length - start - 10, "page " + pgno + " has size " + size);
      end = start + 10 + size;
      Lz4Decoder.block(bytes, start + 10, end, page);
      crc = Crc64.update(crc, bytes, start, 10);
    } else {
      end = Lz4Decoder.frame(bytes, start + 6, page);
      crc = Crc64.update(crc, bytes, start, 6);
    }
    crc = Crc64.update(crc, page, 0, page.length);
    long sum = Crc64.update(Crc64.update(0, bytes, start, 4), page, 0, page.length);
    rolling = Crc64.FLAG | (rolling ^ sum);
    pages.put(pgno, page);
    frames.add(new LtxFile.Frame(pgno, start, end - start, flags == 1));
    return end;
  }

  private void checkOrder(int pgno) {
    check(pgno != header.lockPage(), "lock page " + pgno);
    check(pgno <= header.commit(), "page " + pgno + " is beyond commit " + header.commit());
    check(pgno > previous, "page " + pgno + " after " + previous);
    int next = previous + 1 == header.lockPage() ? previous + 2 : previous + 1;
    check(!header.snapshot() || pgno == next, "page " + pgno + " of a snapshot after " + previous);
    previous = pgno;
  }

  private int lastPage() {
    return header.commit() == header.lockPage() ? header.commit() - 1 : header.commit();
  }

  /** Compares the index with the frames; returns its end. */
  private int index(int start) {
    long[] at = {start};
    for (LtxFile.Frame f : frames) {
      check(
          varint(at) == f.pgno() && varint(at) == f.offset() && varint(at) == f.length(),
          "index entry of page " + f.pgno());
    }
    check(varint(at) == 0, "the index has more pages than the file");
    return (int) at[0];
  }

  private long varint(long[] at) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = bytes[(int) at[0]++];
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new LtxFormatException("a number in the index has more than 64 bits");
  }

  private void checkPostApply(long postApply) {
    if (header.noChecksum()) {
      check(postApply == 0, "post-apply checksum in a file without checksums");
    } else {
      check((postApply & Crc64.FLAG) != 0, "no post-apply checksum");
      check(!header.snapshot() || postApply == rolling, "post-apply checksum");
    }
  }

  private static void check(boolean ok, String what) {
    if (!ok) {
      throw new LtxFormatException(what);
    }
  }
}

package io.litestream.testkit.data;

import io.litestream.testkit.ltx.Crc64;
import io.litestream.testkit.ltx.LtxHeader;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import io.litestream.testkit.server.StubObject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * The snapshot of a {@link FormulaDatabase}, of which any part is computed when it is asked for.
 * All its frames have the same size: their pages are stored as LZ4 literals. Thread-safe.
 */
public final class FormulaSnapshot implements StubObject {

  /** The key below the replica's path. */
  public static final String KEY = new LtxKey(LtxKey.SNAPSHOTS, 1, 1).path(LtxKey.Layout.S3);

  /** Page number, flags and size before each block. */
  private static final int FRAME_HEADER = 10;

  private static final int ZERO_HEADER = 6;
  private static final int VARINT_BITS = 7;

  private final FormulaDatabase database;
  private final byte[] header;
  private final int frameSize;
  private final long frames;
  private final long index;
  private final long indexLength;
  private final byte[] trailer;

  /** A snapshot whose file checksum is right, for which every page is computed once. */
  public static FormulaSnapshot checked(FormulaDatabase database) {
    FormulaSnapshot unchecked = new FormulaSnapshot(database, 0);
    return new FormulaSnapshot(database, unchecked.checksum());
  }

  /** A snapshot with a wrong file checksum: only who reads all of it could tell. */
  public static FormulaSnapshot unchecked(FormulaDatabase database) {
    return new FormulaSnapshot(database, 0);
  }

  private FormulaSnapshot(FormulaDatabase database, long crc) {
    this.database = database;
    LtxHeader fields =
        LtxHeader.of(SampleTable.PAGE_SIZE, database.commit(), 1, 1, timestamp().toEpochMilli());
    byte[] sample = LtxWriter.file(PageEncoding.STORED_BLOCK, fields, onePage(database));
    header = Arrays.copyOf(sample, LtxHeader.SIZE);
    frameSize = FRAME_HEADER + ByteBuffer.wrap(sample).getInt(LtxHeader.SIZE + ZERO_HEADER);
    frames = (long) database.pages() * frameSize;
    index = LtxHeader.SIZE + frames + ZERO_HEADER;
    indexLength = entriesBefore(database.pages()) + 1; // a zero ends the index
    trailer =
        ByteBuffer.allocate(3 * Long.BYTES)
            .putLong(indexLength)
            .putLong(0) // no rolling checksum
            .putLong(Crc64.FLAG | crc)
            .array();
  }

  private static TreeMap<Integer, byte[]> onePage(FormulaDatabase database) {
    TreeMap<Integer, byte[]> pages = new TreeMap<>();
    pages.put(1, database.page(0));
    return pages;
  }

  @Override
  public long size() {
    return index + indexLength + trailer.length;
  }

  @Override
  public Instant lastModified() {
    return timestamp();
  }

  @Override
  public Instant timestamp() {
    return Sample.START;
  }

  @Override
  public byte[] read(long offset, int length) {
    ByteBuffer part = ByteBuffer.allocate(length);
    copy(part, offset, header, 0);
    long page = Math.max(0, (offset - LtxHeader.SIZE) / frameSize);
    for (; page < database.pages() && part.hasRemaining(); page++) {
      copy(part, offset, frame((int) page), LtxHeader.SIZE + page * frameSize);
    }
    copy(part, offset, new byte[ZERO_HEADER], index - ZERO_HEADER);
    copyIndex(part, offset);
    copy(part, offset, new byte[1], index + indexLength - 1);
    copy(part, offset, trailer, index + indexLength);
    if (part.hasRemaining()) {
      throw new IllegalArgumentException(offset + " + " + length + " is beyond " + size());
    }
    return part.array();
  }

  /** Adds what of these bytes comes next in a part that begins at an offset. */
  private static void copy(ByteBuffer part, long offset, byte[] bytes, long place) {
    long from = offset + part.position() - place;
    if (from >= 0 && from < bytes.length) {
      part.put(bytes, (int) from, (int) Math.min(part.remaining(), bytes.length - from));
    }
  }

  private byte[] frame(int page) {
    byte[] data = database.page(page);
    ByteBuffer frame = ByteBuffer.allocate(frameSize);
    frame.putInt(FormulaDatabase.pgno(page)).putShort((short) 1).putInt(frameSize - FRAME_HEADER);
    int rest = data.length - 15;
    frame.put((byte) 0xf0);
    for (; rest >= 255; rest -= 255) {
      frame.put((byte) 255);
    }
    return frame.put((byte) rest).put(data).array();
  }

  private void copyIndex(ByteBuffer part, long offset) {
    long at = offset + part.position() - index;
    if (at < 0 || at >= indexLength - 1) {
      return;
    }
    int low = 0;
    for (int high = database.pages() - 1; low < high; ) {
      int middle = low + (high - low + 1) / 2;
      if (entriesBefore(middle) <= at) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    long place = index + entriesBefore(low);
    for (int page = low; page < database.pages() && part.hasRemaining(); page++) {
      byte[] entry = entry(page);
      copy(part, offset, entry, place);
      place += entry.length;
    }
  }

  private long frameAt(long page) {
    return LtxHeader.SIZE + page * frameSize;
  }

  private byte[] entry(int page) {
    ByteBuffer entry = ByteBuffer.allocate(3 * Long.BYTES);
    for (long value : new long[] {FormulaDatabase.pgno(page), frameAt(page), frameSize}) {
      long v = value;
      for (; v >= 1 << VARINT_BITS; v >>>= VARINT_BITS) {
        entry.put((byte) (v | 1 << VARINT_BITS));
      }
      entry.put((byte) v);
    }
    return Arrays.copyOf(entry.array(), entry.position());
  }

  /** Bytes of the index before a page's entry. */
  private long entriesBefore(long page) {
    long bytes = page * (2 + varintLength(frameSize));
    for (int bits = VARINT_BITS; bits < Long.SIZE - 1; bits += VARINT_BITS) {
      long limit = 1L << bits;
      // From these pages on, the number and the offset take a byte more.
      long byNumber = limit < FormulaDatabase.LOCK_PAGE ? limit - 1 : limit - 2;
      long byOffset = (limit - LtxHeader.SIZE + frameSize - 1) / frameSize;
      bytes += Math.max(0, page - byNumber) + Math.max(0, page - byOffset);
    }
    return bytes;
  }

  private static int varintLength(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value) + VARINT_BITS - 1) / VARINT_BITS;
  }

  /** The file's checksum, which goes over the pages and not over their blocks. */
  private long checksum() {
    long crc = Crc64.update(0, header, 0, header.length);
    for (int page = 0; page < database.pages(); page++) {
      byte[] head = read(frameAt(page), FRAME_HEADER);
      byte[] data = database.page(page);
      crc = Crc64.update(Crc64.update(crc, head, 0, head.length), data, 0, data.length);
    }
    int tail = (int) (size() - Long.BYTES - (index - ZERO_HEADER));
    return Crc64.update(crc, read(index - ZERO_HEADER, tail), 0, tail);
  }
}

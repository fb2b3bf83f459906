package io.litestream.testkit.data;

import java.nio.ByteBuffer;

/** Fills one b-tree page: cells from the end downwards, their pointers from the header upwards. */
final class PageWriter {

  static final int TABLE_LEAF = 13;
  static final int TABLE_INTERIOR = 5;
  static final int INDEX_LEAF = 10;
  static final int INDEX_INTERIOR = 2;

  private static final int INTERIOR_HEADER = 12;
  private static final int LEAF_HEADER = 8;

  private final ByteBuffer page = ByteBuffer.allocate(SampleTable.PAGE_SIZE);
  private final ByteBuffer cell = ByteBuffer.allocate(SampleTable.PAGE_SIZE);
  private final int start;
  private final int pointers;
  private int cells;
  private int content = SampleTable.PAGE_SIZE;

  /**
   * @param start of the page's header: 100 in page 1, where the database's header comes first
   */
  PageWriter(int type, int start) {
    this.start = start;
    page.put(start, (byte) type);
    pointers = start + (type < 8 ? INTERIOR_HEADER : LEAF_HEADER);
  }

  /** The whole page, for the database's header. */
  ByteBuffer page() {
    return page;
  }

  /** Where the next cell is written before {@link #add}. */
  ByteBuffer cell() {
    return cell;
  }

  /** Takes over what was written to {@link #cell}. */
  void add() {
    int length = cell.flip().remaining();
    content -= length;
    if (content < pointers + 2 * (cells + 1)) {
      throw new IllegalStateException("the page is full after " + cells + " cells");
    }
    page.put(content, cell, 0, length);
    page.putShort(pointers + 2 * cells++, (short) content);
    cell.clear();
  }

  /** Of interior pages. */
  void rightmost(int child) {
    page.putInt(start + LEAF_HEADER, child);
  }

  byte[] finish() {
    page.putShort(start + 3, (short) cells);
    page.putShort(start + 5, (short) content);
    return page.array();
  }

  /** A number as SQLite writes it: seven bits a byte, the highest first. */
  void number(long value) {
    if (value >= 0x80) {
      numberMore(value >>> 7);
    }
    cell.put((byte) (value & 0x7f));
  }

  private void numberMore(long value) {
    if (value >= 0x80) {
      numberMore(value >>> 7);
    }
    cell.put((byte) (value & 0x7f | 0x80));
  }
}

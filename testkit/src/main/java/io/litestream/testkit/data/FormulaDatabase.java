package io.litestream.testkit.data;

import io.litestream.testkit.data.TreeShape.Node;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The table of {@link SampleTable} in a database of any size, of which every page is computed from
 * its number: nothing is kept. Thread-safe.
 */
public final class FormulaDatabase {

  /** The page that holds byte 2^30: SQLite leaves it out. */
  static final int LOCK_PAGE = 0x40000000 / SampleTable.PAGE_SIZE + 1;

  private static final int DATABASE_HEADER = 100;

  /** Rows of a leaf: what fits with rowids of four bytes. */
  private static final int ROWS = 9;

  /** Children of the table's interior pages, and of the index's, and entries of its leaves. */
  private static final int TABLE_FANOUT = 340;

  private static final int INDEX_FANOUT = 200;
  private static final int ENTRIES = 280;

  /**
   * Near the golden section of 2^32, and prime. Products stay below 2^63, as ids are below 2^31:
   * see {@link #INT32}.
   */
  private static final long STRIDE = 2_654_435_761L;

  /** Serial types of records: NULL, an integer of 32 bits, text. */
  private static final int NULL = 0;

  private static final int INT32 = 4;
  private static final int TEXT = 13;

  private final TreeShape table;
  private final TreeShape index;
  private final long rows;
  private final long inverse;

  private FormulaDatabase(long leaves) {
    rows = leaves * ROWS;
    table = new TreeShape(TABLE_FANOUT, leaves);
    index = new TreeShape(INDEX_FANOUT, (rows + ENTRIES) / (ENTRIES + 1));
    inverse = inverse(rows);
  }

  /** The largest such database of at most this many bytes, 4 MB or more. */
  public static FormulaDatabase ofSize(long bytes) {
    // A row takes a ninth of a page, and its entry in the index about a 280th.
    long leaves = bytes / SampleTable.PAGE_SIZE * 960 / 1000;
    while (true) {
      FormulaDatabase database = new FormulaDatabase(leaves);
      boolean lastLeafIsEmpty = database.rows % (ENTRIES + 1) == 0;
      if (database.inverse != 0
          && !lastLeafIsEmpty
          && database.table.valid()
          && database.index.valid()) {
        return database;
      }
      leaves--;
    }
  }

  /** Rows, with ids from 1. */
  public long rows() {
    return rows;
  }

  /** Column k of a row: a permutation of 0 to rows - 1. */
  public long k(long id) {
    return id * STRIDE % rows;
  }

  /** The row that has this k. */
  long idOf(long k) {
    long id = k * inverse % rows;
    return id == 0 ? rows : id;
  }

  /** Pages that a snapshot has: all but the lock page. */
  public int pages() {
    return (int) (1 + table.pages() + index.pages());
  }

  /** Size of the database in pages. */
  public int commit() {
    return pgno(pages() - 1);
  }

  /** The number of the page at a place: places count from 0, without the lock page. */
  static int pgno(long place) {
    return (int) (place + 1 < LOCK_PAGE ? place + 1 : place + 2);
  }

  /** Computes a page. */
  public byte[] page(int place) {
    if (place == 0) {
      return firstPage();
    }
    long inTable = place - 1L;
    if (inTable < table.pages()) {
      return tablePage(table.at(inTable));
    }
    return indexPage(index.at(inTable - table.pages()));
  }

  private int tableAt(Node node) {
    return pgno(1 + table.place(node));
  }

  private int indexAt(Node node) {
    return pgno(1 + table.pages() + index.place(node));
  }

  private byte[] tablePage(Node node) {
    if (node.level() > 0) {
      PageWriter page = new PageWriter(PageWriter.TABLE_INTERIOR, 0);
      int children = table.children(node);
      for (int i = 0; i < children - 1; i++) {
        Node child = table.child(node, i);
        page.cell().putInt(tableAt(child));
        page.number((child.number() + 1) * table.span(child.level()) * ROWS);
        page.add();
      }
      page.rightmost(tableAt(table.child(node, children - 1)));
      return page.finish();
    }
    PageWriter page = new PageWriter(PageWriter.TABLE_LEAF, 0);
    for (long id = node.number() * ROWS + 1; id <= (node.number() + 1) * ROWS; id++) {
      byte[] text = SampleTable.value(id, 0);
      page.number(5 + Integer.BYTES + text.length);
      page.number(id);
      page.cell().put((byte) 5).put((byte) NULL).put((byte) INT32);
      page.number(2L * text.length + TEXT);
      page.cell().putInt((int) k(id)).put(text);
      page.add();
    }
    return page.finish();
  }

  /**
   * Entries are numbered by k: a leaf has the next {@link #ENTRIES}, and the one after them is in
   * the interior page that separates it from the next leaf.
   */
  private byte[] indexPage(Node node) {
    if (node.level() == 0) {
      PageWriter page = new PageWriter(PageWriter.INDEX_LEAF, 0);
      long first = node.number() * (ENTRIES + 1);
      for (long k = first; k < Math.min(first + ENTRIES, rows); k++) {
        entry(page, k);
      }
      return page.finish();
    }
    PageWriter page = new PageWriter(PageWriter.INDEX_INTERIOR, 0);
    int children = index.children(node);
    for (int i = 0; i < children - 1; i++) {
      Node child = index.child(node, i);
      page.cell().putInt(indexAt(child));
      entry(page, (child.number() + 1) * index.span(child.level()) * (ENTRIES + 1) - 1);
    }
    page.rightmost(indexAt(index.child(node, children - 1)));
    return page.finish();
  }

  private void entry(PageWriter page, long k) {
    page.cell().put((byte) 11).put((byte) 3).put((byte) INT32).put((byte) INT32);
    page.cell().putInt((int) k).putInt((int) idOf(k));
    page.add();
  }

  private byte[] firstPage() {
    PageWriter page = new PageWriter(PageWriter.TABLE_LEAF, DATABASE_HEADER);
    databaseHeader(page.page());
    int tableRoot = tableAt(new Node(table.height(), 0));
    int indexRoot = indexAt(new Node(index.height(), 0));
    schemaRow(page, 1, "table", "t", tableRoot, SampleTable.CREATE);
    schemaRow(page, 2, "index", "t_k", indexRoot, SampleTable.INDEX);
    return page.finish();
  }

  private void databaseHeader(ByteBuffer page) {
    page.put(0, "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII));
    page.putShort(16, (short) SampleTable.PAGE_SIZE);
    page.put(18, (byte) 2).put(19, (byte) 2); // WAL
    page.put(21, (byte) 64).put(22, (byte) 32).put(23, (byte) 32); // fixed payload fractions
    page.putInt(24, 1).putInt(28, commit()); // change counter, pages
    page.putInt(40, 1).putInt(44, 4); // schema: cookie, format
    page.putInt(56, 1); // UTF-8
    page.putInt(92, 1).putInt(96, 3_050_000); // the counter's copy, SQLite's version
  }

  private static void schemaRow(
      PageWriter page, int id, String type, String name, int root, String sql) {
    String[] before = {type, name, "t"};
    byte[] text = (type + name + "t").getBytes(StandardCharsets.US_ASCII);
    byte[] statement = sql.getBytes(StandardCharsets.US_ASCII);
    int sqlType = 2 * statement.length + TEXT;
    int header = 1 + before.length + 1 + (sqlType < 0x80 ? 1 : 2);
    page.number(header + text.length + Integer.BYTES + statement.length);
    page.number(id);
    page.number(header);
    for (String column : before) {
      page.number(2L * column.length() + TEXT);
    }
    page.number(INT32);
    page.number(sqlType);
    page.cell().put(text).putInt(root).put(statement);
    page.add();
  }

  /** What undoes a multiplication by {@link #STRIDE}; 0 where nothing does. */
  private static long inverse(long modulus) {
    long a = STRIDE % modulus;
    long m = modulus;
    long x = 1;
    long y = 0;
    while (a > 1 && m > 0) {
      long quotient = a / m;
      long rest = a % m;
      a = m;
      m = rest;
      long next = x - quotient * y;
      x = y;
      y = next;
    }
    return a == 1 ? Math.floorMod(x, modulus) : 0;
  }
}

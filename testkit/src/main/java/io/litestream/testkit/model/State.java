package io.litestream.testkit.model;

import java.util.Arrays;

/**
 * The whole database as of one TXID of one lineage. Immutable; its pages are computed when asked
 * for.
 *
 * <p>A stamp numbers the states of a model in the order in which they were made; a page has the
 * stamp of the state that wrote it, so equal stamps are equal pages.
 */
public final class State {

  /** What a VFS rewrites in page 1: versions, change counter, schema cookie, version-valid-for. */
  private static final int[][] REWRITTEN = {{18, 20}, {24, 28}, {40, 44}, {92, 96}};

  private final long seed;
  private final int lineage;
  private final long txid;
  private final int pageSize;
  private final long timestampMs;
  private final int changeCounter;
  private final int schemaCookie;
  private final int[] stamps;

  State(
      long seed,
      int lineage,
      long txid,
      int pageSize,
      long timestampMs,
      int changeCounter,
      int schemaCookie,
      int[] stamps) {
    this.seed = seed;
    this.lineage = lineage;
    this.txid = txid;
    this.pageSize = pageSize;
    this.timestampMs = timestampMs;
    this.changeCounter = changeCounter;
    this.schemaCookie = schemaCookie;
    this.stamps = stamps;
  }

  /** 0 for the first, one more after each reset to TXID 1. */
  public int lineage() {
    return lineage;
  }

  public long txid() {
    return txid;
  }

  public int pageSize() {
    return pageSize;
  }

  /** Pages in the database. */
  public int commit() {
    return stamps.length;
  }

  /** Unix milliseconds of the sync that made the state: its raw file's header timestamp. */
  public long timestampMs() {
    return timestampMs;
  }

  public int changeCounter() {
    return changeCounter;
  }

  public int schemaCookie() {
    return schemaCookie;
  }

  /** The stamp of the state that wrote the page. */
  public int stamp(int pgno) {
    return stamps[pgno - 1];
  }

  /** A copy of all stamps, from page 1 on. */
  int[] stamps(int pages) {
    return Arrays.copyOf(stamps, pages);
  }

  /** A page's bytes. */
  public byte[] page(int pgno) {
    byte[] page = new byte[pageSize];
    write(pgno, page, 0);
    return page;
  }

  /** Writes a page's bytes. */
  public void write(int pgno, byte[] into, int at) {
    if (pgno == 1) {
      PageContent.fillFirst(seed, stamp(1), this, into, at);
    } else {
      PageContent.fill(seed, stamp(pgno), pgno, pageSize, into, at);
    }
  }

  /** Whether these bytes are the page of this state. */
  public boolean holds(int pgno, byte[] bytes, int at) {
    return Arrays.equals(page(pgno), 0, pageSize, bytes, at, at + pageSize);
  }

  /** The same, whatever stands in the fields of page 1 that a VFS rewrites. */
  public boolean shows(int pgno, byte[] bytes, int at) {
    if (pgno != 1) {
      return holds(pgno, bytes, at);
    }
    byte[] page = page(1);
    for (int[] field : REWRITTEN) {
      System.arraycopy(bytes, at + field[0], page, field[0], field[1] - field[0]);
    }
    return Arrays.equals(page, 0, pageSize, bytes, at, at + pageSize);
  }

  /** The whole database file. */
  public byte[] image() {
    byte[] image = new byte[commit() * pageSize];
    for (int p = 1; p <= commit(); p++) {
      write(p, image, (p - 1) * pageSize);
    }
    return image;
  }

  @Override
  public String toString() {
    return "lineage "
        + lineage
        + ", TXID "
        + txid
        + " ("
        + commit()
        + " pages of "
        + pageSize
        + ", cookie "
        + schemaCookie
        + ")";
  }
}

package io.litestream.testkit.ltx;

/** How the pages of an LTX file are stored. */
public enum PageEncoding {
  /** LZ4 blocks with their size before them, as from Litestream 0.5.16 on. */
  BLOCK,
  /** The same, of literals only: the fastest to write. */
  STORED_BLOCK,
  /** LZ4 frames, as up to Litestream 0.5.15. */
  FRAME,
  /** The same, with an uncompressed block in each. */
  STORED_FRAME;

  /** Whether the page's header has the flag "size follows". */
  boolean sized() {
    return this == BLOCK || this == STORED_BLOCK;
  }
}

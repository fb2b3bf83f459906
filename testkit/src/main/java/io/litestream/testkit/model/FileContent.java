package io.litestream.testkit.model;

import io.litestream.testkit.ltx.LtxHeader;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import java.util.List;

/**
 * What an LTX file holds, before it is encoded.
 *
 * @param pages bit p-1 for page p
 * @param state gives commit and page bytes: every page is as of the file's last state, since pages
 *     that a database loses and gets again are written anew when it grows
 * @param wal {@link Wal.Range#NONE} when not from a WAL
 */
record FileContent(LtxKey key, long pages, State state, long timestampMs, Wal.Range wal) {

  /** The bits of all pages of a database. */
  static long allPages(int commit) {
    return commit == 64 ? -1L : (1L << commit) - 1;
  }

  /** The merge of contiguous files: the last version of each page, cut to the last commit. */
  static FileContent merge(int level, List<FileContent> inputs) {
    FileContent last = inputs.getLast();
    long pages = 0;
    for (FileContent f : inputs) {
      pages |= f.pages;
    }
    pages &= allPages(last.state.commit());
    LtxKey key = new LtxKey(level, inputs.getFirst().key.minTxid(), last.key.maxTxid());
    return new FileContent(key, pages, last.state, last.timestampMs, Wal.Range.NONE);
  }

  /** Whether the file holds later transactions than its name says. */
  boolean aheadOfName() {
    return state.txid() > key.maxTxid();
  }

  byte[] encode(LtxWriter writer, PageEncoding encoding, byte[] scratch) {
    LtxHeader header =
        LtxHeader.of(state.pageSize(), state.commit(), key.minTxid(), key.maxTxid(), timestampMs)
            .withWal(wal.offset(), wal.size(), wal.salt1(), wal.salt2());
    writer.begin(encoding, header);
    for (long rest = pages; rest != 0; rest &= rest - 1) {
      int pgno = Long.numberOfTrailingZeros(rest) + 1;
      state.write(pgno, scratch, 0);
      writer.page(pgno, scratch, 0);
    }
    return writer.finish();
  }
}

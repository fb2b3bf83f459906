package io.litestream.testkit.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One transaction as a WAL holds it.
 *
 * @param commit size of the database in pages after it
 * @param pages that it wrote
 */
record WalPages(int commit, SortedMap<Integer, byte[]> pages) {

  static final int HEADER = 32;
  static final int FRAME_HEADER = 24;
  private static final int COMMIT_FIELD = 4;
  private static final int SALT_FIELD = 8;

  /** All transactions of a WAL that nothing has checkpointed. */
  static List<WalPages> read(Path wal) throws IOException {
    byte[] bytes = Files.readAllBytes(wal);
    ByteBuffer file = ByteBuffer.wrap(bytes);
    List<WalPages> all = new ArrayList<>();
    TreeMap<Integer, byte[]> pages = new TreeMap<>();
    int step = FRAME_HEADER + SampleTable.PAGE_SIZE;
    for (int at = HEADER; at + step <= bytes.length; at += step) {
      if (file.getLong(at + SALT_FIELD) != file.getLong(HEADER - 2 * Long.BYTES)) {
        break; // left from before the WAL began anew
      }
      int from = at + FRAME_HEADER;
      pages.put(file.getInt(at), Arrays.copyOfRange(bytes, from, from + SampleTable.PAGE_SIZE));
      int commit = file.getInt(at + COMMIT_FIELD);
      if (commit != 0) {
        all.add(new WalPages(commit, pages));
        pages = new TreeMap<>();
      }
    }
    return all;
  }
}

package io.litestream.testkit.data;

import io.litestream.testkit.ltx.LtxHeader;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;

/** LTX files below a replica's root, in the layout of S3. Not thread-safe. */
final class ReplicaFiles {

  private final Path root;
  private final LtxWriter writer = new LtxWriter();

  ReplicaFiles(Path root) throws IOException {
    this.root = root;
    for (int level = 0; level < LtxKey.LEVELS; level++) {
      Files.createDirectories(root.resolve("000" + level));
    }
  }

  /**
   * Writes a file.
   *
   * @param pages ascending
   * @param uploaded the time that a listing shows
   */
  void write(int level, LtxHeader header, SortedMap<Integer, byte[]> pages, Instant uploaded)
      throws IOException {
    writer.begin(PageEncoding.BLOCK, header);
    for (Map.Entry<Integer, byte[]> page : pages.entrySet()) {
      writer.page(page.getKey(), page.getValue(), 0);
    }
    finish(new LtxKey(level, header.minTxid(), header.maxTxid()), uploaded);
  }

  /** Writes a snapshot of a whole database. */
  void writeSnapshot(long txid, Path database, Instant committed) throws IOException {
    LtxKey key = new LtxKey(LtxKey.SNAPSHOTS, 1, txid);
    int commit = (int) (Files.size(database) / SampleTable.PAGE_SIZE);
    writer.begin(
        PageEncoding.BLOCK,
        LtxHeader.of(SampleTable.PAGE_SIZE, commit, 1, txid, committed.toEpochMilli()));
    byte[] page = new byte[SampleTable.PAGE_SIZE];
    try (var in = Files.newInputStream(database)) {
      for (int pgno = 1; pgno <= commit; pgno++) {
        in.readNBytes(page, 0, page.length);
        writer.page(pgno, page, 0);
      }
    }
    finish(key, committed);
  }

  private void finish(LtxKey key, Instant uploaded) throws IOException {
    Path file = root.resolve(key.path(LtxKey.Layout.S3));
    Files.write(file, writer.finish());
    Files.setLastModifiedTime(file, FileTime.from(uploaded));
  }
}

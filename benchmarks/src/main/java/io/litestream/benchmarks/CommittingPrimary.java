package io.litestream.benchmarks;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.SampleTable;
import io.litestream.testkit.ltx.LtxHeader;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Commits at a steady rate to a replica that begins as one snapshot: each transaction writes page 1
 * and one other page anew, with the bytes that they have.
 */
final class CommittingPrimary implements AutoCloseable {

  private static final int WAL_HEADER = 32;
  private static final int WAL_FRAME_HEADER = 24;
  private static final int SALT = 7;

  private final Path replica;
  private final RandomAccessFile database;
  private final int pages;
  private final Random random = new Random(1);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private long txid = 1;
  private long walOffset = WAL_HEADER;

  /**
   * @param perSecond transactions; 0 for none
   */
  CommittingPrimary(Sample sample, int perSecond) throws IOException {
    replica = Files.createTempDirectory("litestream-following");
    LtxKey snapshot = new LtxKey(LtxKey.SNAPSHOTS, 1, 1);
    for (int level = 0; level < LtxKey.LEVELS; level++) {
      Files.createDirectories(file(new LtxKey(level, 1, 1)).getParent());
    }
    Files.copy(sample.replica().resolve(snapshot.path(LtxKey.Layout.S3)), file(snapshot));
    database = new RandomAccessFile(sample.database().toFile(), "r");
    pages = (int) (database.length() / SampleTable.PAGE_SIZE);
    if (perSecond > 0) {
      clock.scheduleAtFixedRate(this::commit, 1_000, 1_000 / perSecond, TimeUnit.MILLISECONDS);
    }
  }

  private Path file(LtxKey key) {
    return replica.resolve(key.path(LtxKey.Layout.S3));
  }

  String url() {
    return replica.toUri().toString();
  }

  private void commit() {
    try {
      SortedMap<Integer, byte[]> written = new TreeMap<>();
      written.put(1, page(1));
      int other = 2 + random.nextInt(pages - 1);
      written.put(other, page(other));
      long walSize = (long) written.size() * (SampleTable.PAGE_SIZE + WAL_FRAME_HEADER);
      txid++;
      LtxHeader header =
          LtxHeader.of(SampleTable.PAGE_SIZE, pages, txid, txid, System.currentTimeMillis())
              .withWal(walOffset, walSize, SALT, ~SALT);
      walOffset += walSize;
      Path partial = replica.resolve("partial");
      Files.write(partial, LtxWriter.file(PageEncoding.BLOCK, header, written));
      Files.move(partial, file(new LtxKey(0, txid, txid)), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] page(int pgno) throws IOException {
    byte[] page = new byte[SampleTable.PAGE_SIZE];
    database.seek((long) (pgno - 1) * page.length);
    database.readFully(page);
    return page;
  }

  @Override
  public void close() throws IOException {
    clock.shutdownNow();
    database.close();
    try (var all = Files.walk(replica)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

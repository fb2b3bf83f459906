package io.litestream.testkit.ltx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Restores a database as {@code litestream restore} does: plan, overlay in that order, cut to the
 * last commit. An oracle: it decodes and verifies every file wholly, and knows nothing of the
 * project's own planner and decoder.
 *
 * @param <T> the files' type
 */
public final class ReferenceRestore<T extends Listed> {

  /** The content of a replica. */
  public interface Source<T> {

    /** All files of all levels. */
    List<T> list();

    /** A file's bytes. */
    byte[] read(T file) throws IOException;
  }

  /**
   * A restored database.
   *
   * @param txid the state that it shows
   * @param timestampMs its last file's time, from the header
   * @param image the database file
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; copying an image would double it
  public record Database(long txid, long timestampMs, int pageSize, byte[] image) {

    /** Pages in the image. */
    public int pages() {
      return image.length / pageSize;
    }

    /** Writes the database file. */
    public void write(Path file) throws IOException {
      Files.write(file, image);
    }
  }

  private final Source<T> source;

  public ReferenceRestore(Source<T> source) {
    this.source = source;
  }

  /** The newest state; empty when there is none. */
  public Optional<Database> latest() throws IOException {
    return overlay(RestorePlan.latest(source.list()));
  }

  /** The state of a TXID; empty when it cannot be had. */
  public Optional<Database> at(long txid) throws IOException {
    return overlay(RestorePlan.at(source.list(), txid));
  }

  /** The newest state strictly before an instant; empty when there is none. */
  public Optional<Database> before(long ms) throws IOException {
    return overlay(RestorePlan.before(source.list(), ms));
  }

  /**
   * Overlays files in this order: the last version of each page, cut to the last commit; empty for
   * none.
   */
  public Optional<Database> overlay(List<T> files) throws IOException {
    @Nullable LtxHeader last = null;
    Map<Integer, byte[]> pages = new HashMap<>();
    for (T f : files) {
      LtxFile file = LtxReader.decode(source.read(f));
      LtxHeader h = file.header();
      LtxKey k = f.key();
      check(
          h.minTxid() == k.minTxid() && h.maxTxid() == k.maxTxid(),
          k + " holds TXIDs of another name");
      if (last == null) {
        check(h.snapshot(), k + " is no snapshot, but the first file of a plan");
      } else {
        check(
            h.minTxid() <= last.maxTxid() + 1 && h.maxTxid() > last.maxTxid(),
            k + " is not contiguous");
        check(h.pageSize() == last.pageSize(), k + " has another page size");
      }
      pages.putAll(file.pages());
      last = h;
    }
    return last == null ? Optional.empty() : Optional.of(database(last, pages));
  }

  private static Database database(LtxHeader last, Map<Integer, byte[]> pages) {
    int size = last.pageSize();
    byte[] image = new byte[Math.multiplyExact(last.commit(), size)];
    for (int p = 1; p <= last.commit(); p++) {
      byte[] page = pages.get(p);
      if (page != null) {
        System.arraycopy(page, 0, image, (p - 1) * size, size);
      } else {
        check(p == last.lockPage(), "page " + p + " is in no file of the plan");
      }
    }
    return new Database(last.maxTxid(), last.timestampMs(), size, image);
  }

  private static void check(boolean ok, String what) {
    if (!ok) {
      throw new LtxFormatException(what);
    }
  }
}

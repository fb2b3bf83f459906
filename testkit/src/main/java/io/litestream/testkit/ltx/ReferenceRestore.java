package io.litestream.testkit.ltx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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

  /** Overlays files in this order; empty for none. */
  public Optional<Database> overlay(List<T> files) throws IOException {
    @Nullable Database database = null;
    for (T f : files) {
      LtxFile file = LtxReader.decode(source.read(f));
      LtxHeader h = file.header();
      LtxKey k = f.key();
      check(
          h.minTxid() == k.minTxid() && h.maxTxid() == k.maxTxid(),
          k + " holds TXIDs of another name");
      if (database == null) {
        check(h.snapshot(), k + " is no snapshot, but the first file of a plan");
      } else {
        check(
            h.minTxid() <= database.txid + 1 && h.maxTxid() > database.txid,
            k + " is not contiguous");
        check(h.pageSize() == database.pageSize, k + " has another page size");
      }
      byte[] image = database == null ? new byte[0] : database.image;
      database = new Database(h.maxTxid(), h.timestampMs(), h.pageSize(), apply(file, image));
    }
    return Optional.ofNullable(database);
  }

  private static byte[] apply(LtxFile file, byte[] before) {
    int size = file.header().pageSize();
    byte[] image = Arrays.copyOf(before, Math.multiplyExact(file.header().commit(), size));
    int had = before.length / size;
    for (int p = had + 1; p <= file.header().commit(); p++) {
      boolean present = p == file.header().lockPage() || file.pages().containsKey(p);
      check(present, "page " + p + " is new, but not in the file that makes the database larger");
    }
    file.pages().forEach((p, bytes) -> System.arraycopy(bytes, 0, image, (p - 1) * size, size));
    return image;
  }

  private static void check(boolean ok, String what) {
    if (!ok) {
      throw new LtxFormatException(what);
    }
  }
}

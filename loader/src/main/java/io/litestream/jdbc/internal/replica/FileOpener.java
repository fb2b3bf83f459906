package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileSpec;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.replica.FileTable.Known;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Brings files from the store into the C core: a small one whole, in one request, verified by its
 * checksum; a large one by its two ends, which hold header, page 1 and page index.
 */
final class FileOpener {

  /**
   * Up to here a request costs only its latency, and one GET brings header, pages and index. As
   * LS_WHOLE_MAX in C.
   */
  static final int WHOLE_MAX = 256 * 1024;

  /** Of a large file: holds the header and page 1, whose frame is at most 64 KiB and a little. */
  private static final int PREFIX = 68 * 1024;

  /** Of a snapshot: also the schema, and the roots and first rows of the oldest tables. */
  private static final int SNAPSHOT_PREFIX = 128 * 1024;

  /** Of a large file, at least: holds the trailer and the index of about 7,000 pages. */
  private static final int SUFFIX_MIN = 64 * 1024;

  /** Takes half as long to arrive as its request to be answered. */
  private static final int SUFFIX_MAX = 1024 * 1024;

  /** An index entry takes about nine bytes, and the page that it is of rarely less than 1,728. */
  private static final int INDEX_SHARE = 192;

  /** Trailer (16 bytes) and, before it, the u64 length of the page index (spec 1.3, 1.4). */
  private static final int INDEX_LENGTH_AT_END = 24;

  private final ReplicaStore store;
  private final World world;
  private final NativeDb db;
  private final FileTable table;
  private final Duration timeout;

  FileOpener(ReplicaStore store, World world, NativeDb db, FileTable table, Duration timeout) {
    this.store = store;
    this.world = world;
    this.db = db;
    this.table = table;
    this.timeout = timeout;
  }

  /**
   * Opens files that are not in the table, all at once. They are the caller's, to keep or to
   * discard.
   *
   * @throws ReplicaException VANISHED when one is gone or changed, DAMAGED when one is not a sound
   *     LTX file
   */
  List<Known> open(List<LtxObject> objects) throws StoreException, ReplicaException {
    List<World.StoreCall<Fetched>> calls = new ArrayList<>();
    for (LtxObject o : objects) {
      if (o.size() <= WHOLE_MAX) {
        calls.add(() -> store.read(o, 0, WHOLE_MAX, timeout));
      } else {
        calls.add(() -> store.read(o, 0, prefix(o), timeout));
        calls.add(() -> store.readTail(o, suffix(o), timeout));
      }
    }
    List<Fetched> parts = all(calls);
    List<Known> opened = new ArrayList<>();
    try {
      int next = 0;
      for (LtxObject o : objects) {
        Fetched head = parts.get(next++);
        opened.add(head.whole() ? load(head) : openEnds(head, parts.get(next++)));
      }
      return opened;
    } catch (StoreException | ReplicaException | RuntimeException e) {
      table.discard(opened);
      throw e;
    }
  }

  /** Opens a file from the first bytes that a probe brought, at most WHOLE_MAX. */
  Known openProbed(Fetched head) throws StoreException, ReplicaException {
    if (head.whole()) {
      return load(head);
    }
    return openEnds(
        head,
        all(List.of(() -> store.readTail(head.object(), suffix(head.object()), timeout)))
            .getFirst());
  }

  private static int prefix(LtxObject object) {
    return object.name().minTxid() == 1 ? SNAPSHOT_PREFIX : PREFIX;
  }

  /**
   * How much of a large file's end is likely to hold its whole index. That of a snapshot for which
   * this is too much is read in parts.
   */
  private static int suffix(LtxObject object) {
    long index = object.size() / INDEX_SHARE;
    return index > SUFFIX_MAX && object.name().minTxid() == 1
        ? SUFFIX_MIN
        : Math.clamp(index, SUFFIX_MIN, SUFFIX_MAX);
  }

  private List<Fetched> all(List<World.StoreCall<Fetched>> calls)
      throws StoreException, ReplicaException {
    try {
      return world.all(calls);
    } catch (StoreException e) {
      throw vanishedOr(e);
    }
  }

  /** A missing or changed object is a reason to list again, not a failure of the store. */
  static StoreException vanishedOr(StoreException e) throws ReplicaException {
    if (e.kind() == StoreException.Kind.NOT_FOUND || e.kind() == StoreException.Kind.CHANGED) {
      throw new ReplicaException(ReplicaException.Kind.VANISHED, e.getMessage(), e);
    }
    return e;
  }

  /**
   * A whole file. One that does not verify is fetched once more: the fault may have been in the
   * transfer.
   */
  private Known load(Fetched first) throws StoreException, ReplicaException {
    try {
      return loadOnce(first);
    } catch (NativeException e) {
      Fetched again =
          all(List.of(() -> store.read(first.object(), 0, WHOLE_MAX, timeout))).getFirst();
      try {
        return loadOnce(again);
      } catch (NativeException damaged) {
        throw damaged(damaged);
      }
    }
  }

  private Known loadOnce(Fetched whole) throws NativeException {
    FileSpec spec = spec(whole.object());
    return known(whole.object(), db.load(spec, whole.bytes()));
  }

  private Known openEnds(Fetched prefix, Fetched suffix) throws StoreException, ReplicaException {
    LtxObject object = prefix.object();
    FileSpec spec = spec(object);
    byte[] head = prefix.bytes();
    int most = prefix(object);
    byte[] start = head.length > most ? Arrays.copyOf(head, most) : head;
    byte[] tail = suffix.bytes();
    int whole;
    try {
      return known(object, db.open(spec, start, tail));
    } catch (NativeException e) {
      long index = indexBytes(tail);
      if (e.code() != SqliteCode.TOOBIG || index > Integer.MAX_VALUE) {
        throw damaged(e);
      }
      whole = (int) index;
    }
    tail = all(List.of(() -> store.readTail(object, whole, timeout))).getFirst().bytes();
    try {
      return known(object, db.open(spec, start, tail));
    } catch (NativeException e) {
      throw damaged(e);
    }
  }

  /**
   * How many bytes at the file's end hold trailer and page index, as the length field there says.
   */
  private static long indexBytes(byte[] tail) {
    if (tail.length < INDEX_LENGTH_AT_END) {
      return tail.length;
    }
    return ByteBuffer.wrap(tail).getLong(tail.length - INDEX_LENGTH_AT_END) + INDEX_LENGTH_AT_END;
  }

  private FileSpec spec(LtxObject object) {
    return new FileSpec(
        table.register(object), object.name(), object.size(), store.describe(object.name()));
  }

  private static Known known(LtxObject object, NativeFile file) {
    return new Known(object, file, file.info());
  }

  private static ReplicaException damaged(NativeException e) {
    return new ReplicaException(ReplicaException.Kind.DAMAGED, e.getMessage(), e);
  }
}

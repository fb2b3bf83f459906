package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.replica.FileTable.Known;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The headers of files, read at most once each.
 *
 * <p>Thread-safe. A header is remembered by the identity of the listed object (for a file store
 * that includes its mtime), so that a replaced object is read anew.
 */
final class Headers {

  /**
   * The header (100 bytes) and the first page frame's header: page number (4 bytes) and flags (2).
   */
  private static final int BYTES = 106;

  /**
   * Bit 0 of the first frame's flags says that a size follows, so that its payload is an LZ4 block.
   */
  private static final int FLAGS_LOW_BYTE = 105;

  /**
   * What a file's first bytes tell.
   *
   * @param blocks whether its pages are LZ4 blocks, as Litestream 0.5.16 and newer write them
   */
  record Header(FileInfo info, boolean blocks) {}

  /** About 200 bytes each: a day of level-1 files at Litestream's defaults, and some. */
  private static final int MAX_REMEMBERED = 10_000;

  private final ReplicaStore store;
  private final FileTable table;
  private final Duration timeout;
  private final Map<LtxObject, Header> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<LtxObject, Header> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  Headers(ReplicaStore store, FileTable table, Duration timeout) {
    this.store = store;
    this.table = table;
    this.timeout = timeout;
  }

  /**
   * The header of a listed file.
   *
   * @throws ReplicaException VANISHED when it is gone, DAMAGED when it is no LTX header
   */
  Header read(LtxObject object) throws StoreException, ReplicaException {
    Known known = object.tag() == null ? null : table.find(object);
    if (known != null) {
      return new Header(known.info(), known.info().blocks());
    }
    synchronized (remembered) {
      Header header = remembered.get(object);
      if (header != null) {
        return header;
      }
    }
    Header header = fetch(object);
    synchronized (remembered) {
      remembered.put(object, header);
    }
    return header;
  }

  private Header fetch(LtxObject object) throws StoreException, ReplicaException {
    try {
      byte[] head = store.read(object, 0, BYTES, timeout).bytes();
      FileInfo info = NativeCore.decodeHeader(head, store.describe(object.name()));
      return new Header(info, head.length == BYTES && (head[FLAGS_LOW_BYTE] & 1) != 0);
    } catch (StoreException e) {
      throw FileOpener.vanishedOr(e);
    } catch (NativeException e) {
      throw new ReplicaException(ReplicaException.Kind.DAMAGED, e.getMessage(), e);
    }
  }
}

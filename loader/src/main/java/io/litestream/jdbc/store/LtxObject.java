package io.litestream.jdbc.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One LTX file in a store, as a listing or a read found it.
 *
 * @param name level and TXIDs
 * @param size bytes
 * @param tag what tells these bytes from others under the same name: an ETag, or for a file the
 *     checksum in its last 8 bytes; null where a listing cannot tell it
 * @param modified the listing's time; null when found by a read. For S3 the time of the upload, for
 *     a file its mtime. Never proof of the file's real timestamp, which is in its header
 */
public record LtxObject(LtxName name, long size, @Nullable String tag, @Nullable Instant modified) {

  public LtxObject {
    if (size < 0) {
      throw new IllegalArgumentException(name + " has size " + size);
    }
  }
}

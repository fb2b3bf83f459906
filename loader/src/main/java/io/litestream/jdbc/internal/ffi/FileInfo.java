package io.litestream.jdbc.internal.ffi;

import java.time.Instant;

/**
 * What an LTX file says about itself ({@code ls_file_info}).
 *
 * @param timestamp when its transactions were synced, to the millisecond
 * @param walOffset where in the WAL its frames began, 0 for compacted files
 * @param checksum the trailer's file checksum, as stored; 0 when only the header was read
 * @param pageSize bytes
 * @param commit pages in the database after its last transaction
 * @param pages frames in the file; 0 when only the header was read
 * @param cookie the schema cookie in its page 1, 0 without
 * @param flags the bits behind {@link #full}, {@link #blocks}, {@link #hasPage1} and {@link
 *     #verified}
 */
public record FileInfo(
    long fileId,
    long minTxid,
    long maxTxid,
    Instant timestamp,
    long walOffset,
    long walSize,
    long checksum,
    int walSalt1,
    int walSalt2,
    int pageSize,
    long commit,
    long pages,
    long cookie,
    int flags,
    int level) {

  private static final int FULL = 0x01;
  private static final int BLOCKS = 0x02;
  private static final int PAGE1 = 0x04;
  private static final int VERIFIED = 0x08;

  /** Whether it holds every page 1..commit (the lock page aside). */
  public boolean full() {
    return (flags & FULL) != 0;
  }

  /** Whether its frames are LZ4 blocks (Litestream 0.5.16 and newer). */
  public boolean blocks() {
    return (flags & BLOCKS) != 0;
  }

  /** Whether it holds page 1. */
  public boolean hasPage1() {
    return (flags & PAGE1) != 0;
  }

  /** Whether its whole-file checksum was compared. */
  public boolean verified() {
    return (flags & VERIFIED) != 0;
  }
}

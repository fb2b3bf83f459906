package io.litestream.testkit.ltx;

import java.nio.ByteBuffer;

/**
 * The first 100 bytes of an LTX file. Any values can be written, so that tests can make wrong
 * files; {@link #validate} has the format's rules.
 *
 * @param flags {@link #NO_CHECKSUM} or 0
 * @param pageSize 512 to 65536, a power of two
 * @param commit size of the database in pages after this file
 * @param minTxid first TXID; 1 makes the file a snapshot
 * @param maxTxid last TXID
 * @param timestampMs Unix milliseconds of the last transaction
 * @param preApply rolling checksum before this file, 0 where not kept
 * @param walOffset where in the WAL the frames began; 0 when not from a WAL
 * @param walSize bytes of WAL
 * @param nodeId 0 in Litestream
 */
public record LtxHeader(
    int flags,
    int pageSize,
    int commit,
    long minTxid,
    long maxTxid,
    long timestampMs,
    long preApply,
    long walOffset,
    long walSize,
    int walSalt1,
    int walSalt2,
    long nodeId) {

  public static final int SIZE = 100;
  public static final int NO_CHECKSUM = 2;
  private static final int MAGIC = 0x4C545831;

  /** A header as Litestream writes it, without checksums, and not from a WAL. */
  public static LtxHeader of(
      int pageSize, int commit, long minTxid, long maxTxid, long timestampMs) {
    return new LtxHeader(
        NO_CHECKSUM, pageSize, commit, minTxid, maxTxid, timestampMs, 0, 0, 0, 0, 0, 0);
  }

  /** The same with a position in the WAL. */
  public LtxHeader withWal(long offset, long size, int salt1, int salt2) {
    return new LtxHeader(
        flags,
        pageSize,
        commit,
        minTxid,
        maxTxid,
        timestampMs,
        preApply,
        offset,
        size,
        salt1,
        salt2,
        nodeId);
  }

  /** The same with rolling checksums ({@code flags} 0) or other flags. */
  public LtxHeader withChecksums(int newFlags, long newPreApply) {
    return new LtxHeader(
        newFlags,
        pageSize,
        commit,
        minTxid,
        maxTxid,
        timestampMs,
        newPreApply,
        walOffset,
        walSize,
        walSalt1,
        walSalt2,
        nodeId);
  }

  /** Whether this is a snapshot by the format's rule: it holds every page. */
  public boolean snapshot() {
    return minTxid == 1;
  }

  public boolean noChecksum() {
    return (flags & NO_CHECKSUM) != 0;
  }

  /** The page that holds byte 2^30 of the database: SQLite never stores anything there. */
  public int lockPage() {
    return 0x40000000 / pageSize + 1;
  }

  static LtxHeader decode(byte[] bytes) {
    if (bytes.length < SIZE) {
      throw new LtxFormatException("the file has " + bytes.length + " bytes, a header has " + SIZE);
    }
    ByteBuffer b = ByteBuffer.wrap(bytes);
    if (b.getInt() != MAGIC) {
      throw new LtxFormatException("the file does not begin with LTX1");
    }
    return new LtxHeader(
        b.getInt(),
        b.getInt(),
        b.getInt(),
        b.getLong(),
        b.getLong(),
        b.getLong(),
        b.getLong(),
        b.getLong(),
        b.getLong(),
        b.getInt(),
        b.getInt(),
        b.getLong());
  }

  void encode(ByteBuffer b) {
    b.putInt(MAGIC).putInt(flags).putInt(pageSize).putInt(commit);
    b.putLong(minTxid).putLong(maxTxid).putLong(timestampMs).putLong(preApply);
    b.putLong(walOffset).putLong(walSize).putInt(walSalt1).putInt(walSalt2).putLong(nodeId);
    b.putLong(0).putLong(0).putInt(0);
  }

  /** Checks the rules that encoders and decoders enforce. */
  public void validate() {
    check((flags & ~NO_CHECKSUM) == 0, "flags");
    check(pageSize >= 512 && pageSize <= 65536 && Integer.bitCount(pageSize) == 1, "page size");
    check(minTxid >= 1 && maxTxid >= minTxid, "TXIDs");
    check(walOffset >= 0 && walSize >= 0, "WAL offset or size");
    check(
        walOffset != 0 || (walSize == 0 && walSalt1 == 0 && walSalt2 == 0),
        "WAL fields without an offset");
    if (snapshot() || noChecksum()) {
      check(preApply == 0, "pre-apply checksum where none is allowed");
    } else {
      check((preApply & Crc64.FLAG) != 0, "no pre-apply checksum");
    }
  }

  private void check(boolean ok, String what) {
    if (!ok) {
      throw new LtxFormatException("header: " + what + ": " + this);
    }
  }
}

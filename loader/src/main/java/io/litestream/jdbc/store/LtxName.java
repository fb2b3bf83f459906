package io.litestream.jdbc.store;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one LTX file: its level and the TXIDs it spans, as in {@code
 * 0000000000000001-000000000000000a.ltx}.
 *
 * <p>TXIDs are unsigned 64-bit numbers from 1 on; Litestream counts syncs, so a {@code long} never
 * overflows in practice and negative values are refused.
 *
 * @param level 0 (raw) to 9 (snapshots)
 * @param minTxid the first TXID, at least 1
 * @param maxTxid the last TXID, at least {@code minTxid}
 */
public record LtxName(int level, long minTxid, long maxTxid) implements Comparable<LtxName> {

  /** Number of levels in a replica: 0 to 9. */
  public static final int LEVELS = 10;

  /** The level of full snapshots. */
  public static final int SNAPSHOT_LEVEL = 9;

  private static final Pattern FILE_NAME = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.ltx");

  /** Listing order: by level, then by min, then by max TXID. */
  private static final Comparator<LtxName> ORDER =
      Comparator.comparingInt(LtxName::level)
          .thenComparingLong(LtxName::minTxid)
          .thenComparingLong(LtxName::maxTxid);

  public LtxName {
    if (level < 0 || level >= LEVELS) {
      throw new IllegalArgumentException("level " + level + " is not one of 0..9");
    }
    if (minTxid < 1 || maxTxid < minTxid) {
      throw new IllegalArgumentException("TXIDs " + minTxid + "-" + maxTxid + " are not a range");
    }
  }

  /** The name of a file in a level's directory; empty for anything that is not an LTX file. */
  public static Optional<LtxName> parse(int level, String fileName) {
    Matcher m = FILE_NAME.matcher(fileName);
    if (!m.matches()) {
      return Optional.empty();
    }
    long min = Long.parseUnsignedLong(m.group(1), 16);
    long max = Long.parseUnsignedLong(m.group(2), 16);
    return min < 1 || max < min ? Optional.empty() : Optional.of(new LtxName(level, min, max));
  }

  /** The level-0 file of one TXID. */
  public static LtxName raw(long txid) {
    return new LtxName(0, txid, txid);
  }

  /** A TXID as Litestream writes it: 16 lower-case hex digits. */
  public static String hex(long txid) {
    return String.format("%016x", txid);
  }

  /** The file's name without its directory. */
  public String fileName() {
    return hex(minTxid) + "-" + hex(maxTxid) + ".ltx";
  }

  @Override
  public int compareTo(LtxName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "level " + level + " " + fileName();
  }
}

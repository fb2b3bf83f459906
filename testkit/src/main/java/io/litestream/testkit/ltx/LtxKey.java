package io.litestream.testkit.ltx;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an LTX file in a replica.
 *
 * @param level 0 (raw) to 9 (snapshots)
 */
public record LtxKey(int level, long minTxid, long maxTxid) implements Comparable<LtxKey> {

  public static final int LEVELS = 10;
  public static final int SNAPSHOTS = 9;

  private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.ltx");
  private static final Comparator<LtxKey> ORDER =
      Comparator.comparingInt(LtxKey::level)
          .thenComparingLong(LtxKey::minTxid)
          .thenComparingLong(LtxKey::maxTxid);

  /** The two ways in which Litestream's backends lay a replica out. */
  public enum Layout {
    /** {@code 0000/<name>}: S3 and OSS. */
    S3,
    /** {@code ltx/0/<name>}: files and all other backends. */
    FILE
  }

  /**
   * The key of a path that ends in a level's directory and a file's name; empty for any other file.
   */
  public static Optional<LtxKey> parse(String path) {
    String[] parts = path.split("/", -1);
    if (parts.length < 2) {
      return Optional.empty();
    }
    Matcher m = NAME.matcher(parts[parts.length - 1]);
    String level = parts[parts.length - 2];
    if (!m.matches() || !level.matches("(000)?[0-9]")) {
      return Optional.empty();
    }
    return Optional.of(
        new LtxKey(
            level.charAt(level.length() - 1) - '0',
            HexFormat.fromHexDigitsToLong(m.group(1)),
            HexFormat.fromHexDigitsToLong(m.group(2))));
  }

  /** The file's name without its directory. */
  public String fileName() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(minTxid) + "-" + hex.toHexDigits(maxTxid) + ".ltx";
  }

  /** The path below the replica's root. */
  public String path(Layout layout) {
    return (layout == Layout.S3 ? "000" : "ltx/") + level + "/" + fileName();
  }

  @Override
  public int compareTo(LtxKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return level + "/" + Long.toHexString(minTxid) + "-" + Long.toHexString(maxTxid);
  }
}

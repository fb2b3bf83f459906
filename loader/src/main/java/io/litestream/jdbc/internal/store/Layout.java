package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.store.LtxName;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the two ways in which Litestream lays out a replica: {@code <root>0000/} on S3, {@code
 * <root>ltx/0/} elsewhere. A replica that was copied from one to the other keeps the layout it had,
 * so every store knows both.
 *
 * @param root what precedes the level, with its slash
 * @param hex whether levels are four hex digits without an {@code ltx} directory
 */
public record Layout(String root, boolean hex) {

  private static final Pattern HEX_LEVEL = Pattern.compile("000([0-9])/([^/]+)");
  private static final Pattern DECIMAL_LEVEL = Pattern.compile("ltx/([0-9])/([^/]+)");

  /**
   * Both layouts of a file replica, Litestream's own first; roots are relative to its directory.
   */
  public static final List<Layout> IN_DIRECTORY =
      List.of(new Layout("", false), new Layout("", true));

  /**
   * Where an S3 replica's keys may lie, likeliest first. Litestream joins blindly, so {@code
   * s3://bucket} became {@code ./0000/} and {@code s3://bucket/} became {@code /0000/}; whoever
   * wrote the keys otherwise had none of it.
   */
  public static List<Layout> inBucket(String path) {
    return switch (path) {
      case "." ->
          List.of(
              new Layout("./", true),
              new Layout("", true),
              new Layout("/", true),
              new Layout("", false));
      case "" ->
          List.of(
              new Layout("/", true),
              new Layout("", true),
              new Layout("./", true),
              new Layout("", false));
      default -> List.of(new Layout(path + "/", true), new Layout(path + "/", false));
    };
  }

  /** The directory of a level, with its slash. */
  public String directory(int level) {
    return hex ? root + String.format("%04x/", level) : root + "ltx/" + level + "/";
  }

  /** What the keys of all levels begin with. */
  public String allLevels() {
    return hex ? root + "000" : root + "ltx/";
  }

  /** Whether the keys have an empty or a dot segment, which not every server takes. */
  public boolean oddInBucket() {
    return root.equals("./") || root.equals("/");
  }

  /** Whether a key is that of an LTX file in this layout. */
  public boolean isFile(String key) {
    if (!key.startsWith(root)) {
      return false;
    }
    Matcher m = (hex ? HEX_LEVEL : DECIMAL_LEVEL).matcher(key.substring(root.length()));
    return m.matches() && LtxName.parse(Integer.parseInt(m.group(1)), m.group(2)).isPresent();
  }
}

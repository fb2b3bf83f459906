package io.litestream.jdbc.internal.store;

import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A replica in a directory.
 *
 * @param directory absolute
 */
public record FileUrl(Path directory) implements ReplicaUrl {

  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:([/\\\\].*)?", Pattern.DOTALL);

  /** Whether the text is a path as the user types it to a shell, not a URL. */
  static boolean isPlainPath(String text) {
    return text.startsWith("/") || text.startsWith("\\\\") || DRIVE.matcher(text).matches();
  }

  /** A plain path: percent signs, question marks and blanks stand for themselves. */
  static FileUrl ofPath(String path) {
    try {
      return new FileUrl(Path.of(path).toAbsolutePath().normalize());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "the replica URL is not a path of this system: " + e.getReason(), e);
    }
  }

  /**
   * What follows {@code file:}. As for Litestream, {@code //host/p} is the path {@code /host/p} and
   * {@code rel} is relative to the working directory. Percent-escapes are resolved; blanks need
   * none.
   */
  static FileUrl parse(String rest) {
    int query = rest.indexOf('?');
    if (query >= 0) {
      UrlText.query(rest.substring(query + 1)).keySet().stream()
          .findFirst()
          .ifPresent(
              key -> {
                throw new IllegalArgumentException(
                    "a file: replica URL takes no parameters, but has "
                        + UrlText.shownName(key)
                        + "; write %3F for a question mark in the path");
              });
    }
    String raw = query < 0 ? rest : rest.substring(0, query);
    boolean authority = raw.startsWith("//");
    String path = UrlText.decode(authority ? raw.substring(2) : raw, "the path of the replica URL");
    if (authority && path.indexOf('@') >= 0 && path.indexOf('@') < firstSlash(path)) {
      throw new IllegalArgumentException("a file: replica URL has no user; write file:///path");
    }
    if (authority && !path.startsWith("/") && !DRIVE.matcher(path).matches()) {
      path = "/" + path;
    }
    if (File.separatorChar == '\\'
        && path.startsWith("/")
        && DRIVE.matcher(path.substring(1)).matches()) {
      path = path.substring(1);
    }
    if (path.isEmpty() || path.equals("/") && !raw.equals("///")) {
      throw new IllegalArgumentException("the file: replica URL has no path; write file:///path");
    }
    return ofPath(path);
  }

  private static int firstSlash(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path.length() : slash;
  }

  @Override
  public String describe() {
    String path = directory.toString().replace('\\', '/');
    return "file://" + (path.startsWith("/") ? "" : "/") + path;
  }

  @Override
  public String toString() {
    return describe();
  }
}

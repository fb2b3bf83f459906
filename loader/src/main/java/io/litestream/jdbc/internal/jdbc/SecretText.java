package io.litestream.jdbc.internal.jdbc;

import java.util.regex.Pattern;

/**
 * Hides the values of secret parameters in texts of SQLite, which quotes SQL and names of files:
 * the URI in an ATTACH may hold a key.
 */
final class SecretText {

  /**
   * The parameter's name, an equals sign, plain or percent-encoded, and the rest of the query: what
   * follows an ampersand may belong to the secret.
   */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "((?:secret|password|token|access[_-]?key|customer[_-]?key)[a-z0-9_-]*(?:=|%3D|%253D))"
              + "[^'\"\\s)]*",
          Pattern.CASE_INSENSITIVE);

  /** {@code user:password@} of a URL, plain or percent-encoded. */
  private static final Pattern USER =
      Pattern.compile("((?:://|%3A%2F%2F))[^/@\\s'\"?&]+?(@|%40)", Pattern.CASE_INSENSITIVE);

  private SecretText() {}

  static String hide(String text) {
    if (text.indexOf('=') < 0 && text.indexOf('%') < 0 && !text.contains("://")) {
      return text; // as most are: the expressions cost far more than the rest of an error
    }
    return USER.matcher(PARAMETER.matcher(text).replaceAll("$1***")).replaceAll("$1***$2");
  }
}

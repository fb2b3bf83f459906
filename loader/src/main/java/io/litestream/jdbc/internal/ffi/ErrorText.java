package io.litestream.jdbc.internal.ffi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Texts of failures that nobody foresaw, which may quote a URL: what looks like a credential is
 * masked.
 */
final class ErrorText {

  private static final Pattern SECRET_VALUE =
      Pattern.compile(
          "(?i)([\\w.-]*(?:secret|password|token|credential|signature|access[-_]?key)[\\w.-]*)"
              + "(\\s*[=:]\\s*|%3d)[^\\s&;,\"']+");

  private static final Pattern USER_INFO = Pattern.compile("(?i)([a-z][a-z0-9+.-]*://)[^/@\\s]+@");

  private ErrorText() {}

  /** The failure's type and, masked, its message. */
  static String of(Throwable t) {
    String message = t.getMessage();
    String type = t.getClass().getName();
    return message == null ? type : type + ": " + masked(message);
  }

  /** The failure with its causes and frames. */
  static String trace(Throwable t) {
    StringWriter trace = new StringWriter();
    t.printStackTrace(new PrintWriter(trace));
    return masked(trace.toString());
  }

  private static String masked(String text) {
    String values = SECRET_VALUE.matcher(text).replaceAll("$1$2***");
    return USER_INFO.matcher(values).replaceAll("$1***@");
  }

  /**
   * The text in at most {@code cap} bytes, cut between characters; NULs, which would cut it in C,
   * become blanks.
   */
  static byte[] utf8(String text, int cap) {
    byte[] bytes = text.replace('\0', ' ').getBytes(UTF_8);
    if (bytes.length <= cap) {
      return bytes;
    }
    int end = cap;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }
}

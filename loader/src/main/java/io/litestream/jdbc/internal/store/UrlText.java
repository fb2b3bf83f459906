package io.litestream.jdbc.internal.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Text operations on URLs.
 *
 * <p>{@code java.net.URI} is no help here: it refuses blanks and {@code C:\}, and gives no host for
 * ARNs and for {@code my_bucket}. Messages never quote a URL that is not understood, since a secret
 * may be anywhere in it.
 */
public final class UrlText {

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,31}");

  /** What to say of a name beside a secret that is like none that is known. */
  public static final String UNSHOWN_NAME =
      " has an unknown parameter, which is not shown as it may be a part of a secret; write %26 for"
          + " an & inside a value, or leave the parameter out";

  private UrlText() {}

  /**
   * Resolves percent-escapes as UTF-8. A plus sign stays one: base64 keys have it, and no value has
   * blanks.
   */
  public static String decode(String text, String what) {
    if (text.indexOf('%') < 0) {
      return checked(text, what);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); ) {
      if (text.charAt(i) == '%') {
        bytes.write(hexByte(text, i, what));
        i += 3;
      } else {
        int next = text.indexOf('%', i);
        int end = next < 0 ? text.length() : next;
        bytes.writeBytes(text.substring(i, end).getBytes(StandardCharsets.UTF_8));
        i = end;
      }
    }
    try {
      String decoded =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
      return checked(decoded, what);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the percent-escapes in " + what + " are not UTF-8", e);
    }
  }

  private static int hexByte(String text, int at, String what) {
    int high = at + 2 < text.length() ? Character.digit(text.charAt(at + 1), 16) : -1;
    int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), 16) : -1;
    if (high < 0 || low < 0) {
      throw new IllegalArgumentException(
          what + " has a % that is not followed by two hex digits; write %25 for a percent sign");
    }
    return high << 4 | low;
  }

  private static String checked(String text, String what) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + " contains a NUL character");
    }
    return text;
  }

  /** The parameters of a query string (without its question mark), decoded. */
  static Map<String, String> query(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : query.split("&")) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String key =
          decode(
              equals < 0 ? pair : pair.substring(0, equals), "a parameter name of the replica URL");
      String value =
          equals < 0 ? "" : decode(pair.substring(equals + 1), "the value of " + shownName(key));
      if (parameters.putIfAbsent(key, value) != null) {
        throw new IllegalArgumentException(
            "the replica URL has the parameter " + shownName(key) + " twice; leave one out");
      }
    }
    return parameters;
  }

  /**
   * A parameter's name for a message: what is not a name may be a part of somebody's secret, cut
   * off by an ampersand that was not escaped.
   */
  public static String shownName(String name) {
    return NAME.matcher(name).matches() ? name : "[not a name]";
  }

  /**
   * A path in its shortest form, as Litestream cleans it before it makes keys: no empty and no dot
   * segments, no slash at the end; "." for an empty path, "/" for the root.
   */
  static String clean(String path) {
    boolean rooted = path.startsWith("/");
    Deque<String> segments = new ArrayDeque<>();
    for (String segment : path.split("/")) {
      if (segment.equals("..") && !segments.isEmpty() && !segments.getLast().equals("..")) {
        segments.removeLast();
      } else if (segment.equals("..") && !rooted) {
        segments.addLast(segment);
      } else if (!segment.isEmpty() && !segment.equals(".") && !segment.equals("..")) {
        segments.addLast(segment);
      }
    }
    String joined = String.join("/", segments);
    return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
  }

  /**
   * The candidate that is spelled most like {@code word}, as a question to append to a message;
   * else "".
   */
  public static String didYouMean(String word, Iterable<String> candidates) {
    List<String> best = new ArrayList<>();
    // A third of the word wrong is still a typo, more is another word.
    int bestDistance = Math.max(1, word.length() / 3);
    for (String candidate : candidates) {
      int distance = distance(plain(word), plain(candidate));
      if (distance < bestDistance) {
        best.clear();
      }
      if (distance <= bestDistance) {
        best.add(candidate);
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : "; did you mean " + best.getFirst() + "?";
  }

  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }

  /** Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

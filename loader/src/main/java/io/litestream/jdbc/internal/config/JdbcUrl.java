package io.litestream.jdbc.internal.config;

import io.litestream.jdbc.internal.store.UrlText;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of {@code jdbc:litestream:LOCATION?name=value&name=value}. docs/urls.md has the table
 * that the tests read.
 *
 * <p>The location ends at the first question mark and is kept as it is written. Names and values
 * are percent-decoded once, as UTF-8; a plus sign is a plus sign. Messages never quote the URL: a
 * secret may be anywhere in it.
 *
 * @param location a replica URL without a query, or a path; empty where a parameter names the
 *     replica
 * @param parameters in the order given, under the names given
 */
public record JdbcUrl(String location, Map<String, String> parameters) {

  public static final String PREFIX = "jdbc:litestream:";

  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/+@,";

  public JdbcUrl {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** Whether the URL is meant for this library; never throws. */
  public static boolean accepts(@Nullable String url) {
    return url != null && url.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }

  /**
   * Splits a URL that {@link #accepts} accepts.
   *
   * @throws IllegalArgumentException saying what is wrong and what to write
   */
  public static JdbcUrl parse(String url) {
    String rest = url.substring(PREFIX.length());
    int mark = rest.indexOf('?');
    String location = mark < 0 ? rest : rest.substring(0, mark);
    if (location.indexOf('#') >= 0) {
      throw new IllegalArgumentException(
          "the location in the jdbc:litestream: URL has a #; write %23 for a # in a path");
    }
    return new JdbcUrl(location, mark < 0 ? Map.of() : query(rest.substring(mark + 1)));
  }

  private static Map<String, String> query(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : query.split("&")) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException(
            "the jdbc:litestream: URL has a parameter without a "
                + (equals == 0 ? "name" : "value")
                + "; write name=value, and %26 for an & inside a value");
      }
      String name =
          UrlText.decode(pair.substring(0, equals), "a parameter name of the jdbc:litestream: URL");
      String value = UrlText.decode(pair.substring(equals + 1), "the value of " + name);
      if (parameters.putIfAbsent(name, value) != null) {
        throw new IllegalArgumentException(
            "the jdbc:litestream: URL has the parameter " + name + " twice; leave one out");
      }
    }
    return parameters;
  }

  /** The URL as text, so that {@code parse} of it is equal to this. Shows secrets. */
  public String format() {
    StringBuilder url = new StringBuilder(PREFIX).append(location);
    char separator = '?';
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      url.append(separator)
          .append(encode(parameter.getKey()))
          .append('=')
          .append(encode(parameter.getValue()));
      separator = '&';
    }
    return url.toString();
  }

  /** Text for a name or value of a query, here and in SQLite's URIs. */
  public static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0 && UNRESERVED.indexOf(b) >= 0) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(String.format("%02X", b & 0xff));
      }
    }
    return encoded.toString();
  }

  @Override
  public String toString() {
    return PREFIX + "[hidden]";
  }
}

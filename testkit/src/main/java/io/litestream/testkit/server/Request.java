package io.litestream.testkit.server;

import java.util.List;
import java.util.Locale;

/**
 * A request as a {@link FaultProxy} sees it.
 *
 * @param number counts the proxy's requests from 1 on
 * @param target path and query, as sent
 * @param headers as sent
 */
public record Request(long number, Kind kind, String method, String target, List<String> headers) {

  /** What S3 is asked for, and what it bills by. */
  public enum Kind {
    /** GET of an object, or of a part of one. */
    GET,
    /** GET of a listing. */
    LIST,
    HEAD,
    PUT,
    /** DELETE, and POST of a list of keys to delete. */
    DELETE,
    OTHER
  }

  static Request of(long number, HttpHead head) {
    String method = head.word(0);
    String target = head.word(1);
    return new Request(number, kind(method, target), method, target, head.headers());
  }

  /** A header's value; empty when there is none. */
  public String header(String name) {
    return HttpHead.header(headers, name);
  }

  private static Kind kind(String method, String target) {
    return switch (method.toUpperCase(Locale.ROOT)) {
      case "GET" -> target.contains("list-type=2") ? Kind.LIST : Kind.GET;
      case "HEAD" -> Kind.HEAD;
      case "PUT" -> Kind.PUT;
      case "DELETE" -> Kind.DELETE;
      case "POST" -> target.contains("?delete") ? Kind.DELETE : Kind.OTHER;
      default -> Kind.OTHER;
    };
  }
}

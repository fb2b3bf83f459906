package io.litestream.testkit.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The first line and the headers of an HTTP/1.1 message, as they were sent. */
record HttpHead(String first, List<String> headers) {

  /** The next message's head; null where the connection ends before it. */
  static @Nullable HttpHead read(InputStream in) throws IOException {
    String first = line(in);
    if (first == null) {
      return null;
    }
    List<String> headers = new ArrayList<>();
    while (true) {
      String header = line(in);
      if (header == null) {
        throw new EOFException("the connection ended within a head");
      }
      if (header.isEmpty()) {
        return new HttpHead(first, headers);
      }
      headers.add(header);
    }
  }

  /** A line without its end; null where the stream has ended. */
  static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      line.append((char) c);
    }
    int end = line.length();
    return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
  }

  /** A word of the first line. */
  String word(int i) {
    return first.split(" ", -1)[i];
  }

  /** A header's value; empty when there is none. */
  String header(String name) {
    return header(headers, name);
  }

  static String header(List<String> headers, String name) {
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon == name.length() && header.regionMatches(true, 0, name, 0, colon)) {
        return header.substring(colon + 1).strip();
      }
    }
    return "";
  }

  HttpHead without(String name) {
    List<String> rest = new ArrayList<>(headers);
    rest.removeIf(h -> h.regionMatches(true, 0, name + ":", 0, name.length() + 1));
    return new HttpHead(first, rest);
  }

  /** Bytes of the body; -1 when they are not stated. */
  long contentLength() {
    String value = header("Content-Length");
    return value.isEmpty() ? -1 : Long.parseLong(value);
  }

  boolean chunked() {
    return header("Transfer-Encoding").equalsIgnoreCase("chunked");
  }

  boolean closes() {
    return header("Connection").equalsIgnoreCase("close");
  }

  byte[] bytes() {
    String text = first + "\r\n" + String.join("\r\n", headers);
    return (text + (headers.isEmpty() ? "\r\n" : "\r\n\r\n")).getBytes(StandardCharsets.ISO_8859_1);
  }
}

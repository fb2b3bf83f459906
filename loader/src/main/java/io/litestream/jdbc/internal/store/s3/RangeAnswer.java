package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * What a server sent for a GET of a range, and whether it is that range. Nothing it says about
 * itself is believed unchecked: proxies cut bodies, and some servers ignore ranges and would send a
 * whole snapshot.
 *
 * @param bytes at most as many as were asked for
 * @param more whether the body goes on after them
 */
record RangeAnswer(GetObjectResponse head, byte[] bytes, boolean more) {

  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

  /** Reads at most {@code limit} bytes of a body, and gives the connection up when it has more. */
  static ResponseTransformer<GetObjectResponse, RangeAnswer> reader(int limit) {
    return (head, body) -> read(head, body, limit);
  }

  private static RangeAnswer read(GetObjectResponse head, AbortableInputStream body, int limit)
      throws IOException {
    Long announced = head.contentLength();
    byte[] buffer =
        new byte[announced == null ? limit : (int) Math.clamp(announced, 0, (long) limit)];
    int n = body.readNBytes(buffer, 0, buffer.length);
    boolean more = body.read() >= 0;
    if (more) {
      body.abort();
    }
    return new RangeAnswer(head, n == buffer.length ? buffer : Arrays.copyOf(buffer, n), more);
  }

  /**
   * The answer as the bytes from {@code offset} on, at most {@code length}.
   *
   * @param what the object, for messages
   */
  Fetched check(LtxName name, String what, long offset, int length) throws StoreException {
    if (head.contentEncoding() != null
        && head.contentEncoding().toLowerCase(Locale.ROOT).contains("gzip")) {
      throw broken(
          what, "was compressed on the way (Content-Encoding " + head.contentEncoding() + ")");
    }
    int status = head.sdkHttpResponse().statusCode();
    long size =
        status == 206 ? sizeByContentRange(what, offset, length) : wholeSize(what, status, offset);
    long expected = Math.min(length, size - offset);
    if (more || bytes.length != expected) {
      throw broken(
          what,
          "sent "
              + (more ? "more than " : "")
              + bytes.length
              + " bytes where "
              + expected
              + " were due");
    }
    String etag = head.eTag();
    if (etag == null || etag.isEmpty()) {
      throw new StoreException(
          Kind.UNUSABLE,
          what + ": the server gives no ETag, so objects cannot be told apart",
          null);
    }
    return new Fetched(new LtxObject(name, size, unquoted(etag), null), offset, bytes);
  }

  private long sizeByContentRange(String what, long offset, int length) throws StoreException {
    String range = head.contentRange();
    Matcher m = CONTENT_RANGE.matcher(range == null ? "" : range);
    if (!m.matches()) {
      throw broken(what, "answered a range with Content-Range " + range);
    }
    long first = Long.parseLong(m.group(1));
    long last = Long.parseLong(m.group(2));
    long size = Long.parseLong(m.group(3));
    if (first != offset || last != Math.min(offset + length, size) - 1) {
      throw broken(
          what,
          "sent Content-Range " + range + " for bytes " + offset + "-" + (offset + length - 1));
    }
    return size;
  }

  /** Without a range the answer must be the whole object, from its start. */
  private long wholeSize(String what, int status, long offset) throws StoreException {
    Long size = head.contentLength();
    if (status != 200 || offset != 0 || size == null || more) {
      throw broken(what, "answered a range with status " + status + " and not 206");
    }
    return size;
  }

  private static StoreException broken(String what, String how) {
    return new StoreException(Kind.TRANSIENT, what + ": the server " + how, null);
  }

  /** An ETag without quotes: servers differ on them between listings and reads. */
  static String unquoted(String etag) {
    return etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"")
        ? etag.substring(1, etag.length() - 1)
        : etag;
  }
}

package io.litestream.testkit.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An {@link S3Stub}'s answer.
 *
 * @param target for the log
 * @param object whose bytes from offset on are the body; null where the body is text
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record StubAnswer(
    Request.Kind kind,
    String target,
    int status,
    List<String> headers,
    byte[] text,
    @Nullable StubObject object,
    long offset,
    long length) {

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);
  private static final int CHUNK = 1 << 18;
  private static final int MOST_KEYS = 1000;
  private static final byte[] NOTHING = {};

  static StubAnswer to(HttpHead head, Map<String, NavigableMap<String, StubObject>> buckets) {
    String[] target = head.word(1).split("\\?", 2);
    String[] path = decode(target[0]).split("/", 3);
    String key = path.length < 3 ? "" : path[2];
    NavigableMap<String, StubObject> objects = buckets.get(path.length < 2 ? "" : path[1]);
    String method = head.word(0);
    Map<String, String> query = query(target.length < 2 ? "" : target[1]);
    if (objects == null) {
      return error(kind(method), key, 404, "NoSuchBucket");
    }
    if (method.equals("GET") && key.isEmpty()) {
      return list(objects, path[1], query);
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return error(Request.Kind.OTHER, key, 405, "MethodNotAllowed");
    }
    StubObject object = objects.get(key);
    return object == null
        ? error(kind(method), key, 404, "NoSuchKey")
        : part(kind(method), key, object, head);
  }

  private static Request.Kind kind(String method) {
    return method.equals("HEAD") ? Request.Kind.HEAD : Request.Kind.GET;
  }

  private static StubAnswer part(Request.Kind kind, String key, StubObject object, HttpHead head) {
    String condition = head.header("If-Match").replace("\"", "");
    if (!condition.isEmpty() && !condition.equals(object.etag())) {
      return error(kind, key, 412, "PreconditionFailed");
    }
    String range = head.header("Range");
    long size = object.size();
    long from = 0;
    long to = size;
    if (range.startsWith("bytes=-")) {
      from = Math.max(0, size - Long.parseLong(range.substring(7)));
    } else if (!range.isEmpty()) {
      String[] ends = range.substring(6).split("-", -1);
      from = Long.parseLong(ends[0]);
      to = ends[1].isEmpty() ? size : Math.min(size, Long.parseLong(ends[1]) + 1);
      if (from >= size || from >= to) {
        return error(kind, key + " " + range, 416, "InvalidRange");
      }
    }
    List<String> headers = new ArrayList<>();
    headers.add("ETag: \"" + object.etag() + "\"");
    headers.add("Last-Modified: " + HTTP_DATE.format(object.lastModified()));
    headers.add("Accept-Ranges: bytes");
    headers.add("Content-Type: application/octet-stream");
    headers.add("x-amz-meta-litestream-timestamp: " + object.timestamp());
    if (!range.isEmpty()) {
      headers.add("Content-Range: bytes " + from + "-" + (to - 1) + "/" + size);
    }
    String target = range.isEmpty() ? key : key + " " + range;
    return new StubAnswer(
        kind, target, range.isEmpty() ? 200 : 206, headers, NOTHING, object, from, to - from);
  }

  private static StubAnswer list(
      NavigableMap<String, StubObject> objects, String bucket, Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    int most =
        Math.min(MOST_KEYS, Integer.parseInt(query.getOrDefault("max-keys", "" + MOST_KEYS)));
    String after = query.getOrDefault("start-after", "");
    String token = query.getOrDefault("continuation-token", "");
    String from = token.isEmpty() ? after : token;
    Map<String, String> entries = new TreeMap<>();
    String last = "";
    boolean truncated = false;
    for (Map.Entry<String, StubObject> e : objects.tailMap(from, false).entrySet()) {
      String key = e.getKey();
      if (!key.startsWith(prefix)) {
        continue;
      }
      int cut = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      String name = cut < 0 ? key : key.substring(0, cut + delimiter.length());
      if (entries.size() == most && !entries.containsKey(name)) {
        truncated = true;
        break;
      }
      entries.put(
          name,
          cut < 0
              ? contents(key, e.getValue())
              : "<CommonPrefixes><Prefix>" + name + "</Prefix></CommonPrefixes>");
      last = key;
    }
    String text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult"
            + " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>"
            + bucket
            + "</Name><Prefix>"
            + prefix
            + "</Prefix><KeyCount>"
            + entries.size()
            + "</KeyCount><MaxKeys>"
            + most
            + "</MaxKeys><IsTruncated>"
            + truncated
            + "</IsTruncated>"
            + (truncated ? "<NextContinuationToken>" + last + "</NextContinuationToken>" : "")
            + String.join("", entries.values())
            + "</ListBucketResult>";
    return text(Request.Kind.LIST, prefix + (from.isEmpty() ? "" : " after " + from), 200, text);
  }

  private static String contents(String key, StubObject object) {
    // S3 gives listings whole seconds with a fraction of zero.
    Instant modified = Instant.ofEpochSecond(object.lastModified().getEpochSecond());
    return "<Contents><Key>"
        + key
        + "</Key><LastModified>"
        + modified.toString().replace("Z", ".000Z")
        + "</LastModified><ETag>&quot;"
        + object.etag()
        + "&quot;</ETag><Size>"
        + object.size()
        + "</Size><StorageClass>STANDARD</StorageClass></Contents>";
  }

  private static StubAnswer error(Request.Kind kind, String target, int status, String code) {
    return text(
        kind,
        target,
        status,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code></Error>");
  }

  private static StubAnswer text(Request.Kind kind, String target, int status, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new StubAnswer(
        kind,
        target,
        status,
        List.of("Content-Type: application/xml"),
        bytes,
        null,
        0,
        bytes.length);
  }

  private static Map<String, String> query(String text) {
    Map<String, String> all = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      String[] both = pair.split("=", 2);
      all.put(decode(both[0]), both.length < 2 ? "" : decode(both[1]));
    }
    return all;
  }

  private static String decode(String text) {
    // A plus sign is a plus sign in a path, and clients of S3 encode it in a query.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  Answered seen(int depth) {
    boolean body = object != null && kind == Request.Kind.GET;
    return new Answered(kind, target, status, body ? length : 0, depth);
  }

  void write(OutputStream out) throws IOException {
    List<String> all = new ArrayList<>(headers);
    all.add("Content-Length: " + length);
    out.write(new HttpHead("HTTP/1.1 " + status + " Stub", all).bytes());
    if (kind == Request.Kind.HEAD) {
      return;
    }
    if (object == null) {
      out.write(text);
      return;
    }
    for (long at = 0; at < length; at += CHUNK) {
      out.write(object.read(offset + at, (int) Math.min(CHUNK, length - at)));
    }
  }
}

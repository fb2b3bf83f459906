package io.litestream.jdbc.internal.store;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a replica is: a parsed replica URL with what the environment adds to it (endpoint,
 * credentials).
 *
 * <p>Two equal values lead to the same bytes with the same permissions, so a value is also the key
 * under which connections share one replica. {@link #describe} and {@code toString} show no secret.
 */
public sealed interface ReplicaUrl permits FileUrl, S3Url, SourceUrl {

  /** Schemes that Litestream writes to and this library does not read yet. */
  Set<String> OTHER_SCHEMES = Set.of("gs", "abs", "oss", "sftp", "nats", "webdav", "webdavs");

  /** The place, for messages. Without secrets. */
  String describe();

  /**
   * Parses {@code file:} and {@code s3:} URLs, plain absolute paths and Windows paths.
   *
   * @param env looks up environment variables
   * @throws IllegalArgumentException naming the part that is wrong and what is accepted; shows no
   *     secret
   */
  static ReplicaUrl parse(String url, Function<String, @Nullable String> env) {
    return parse(url, Map.of(), env);
  }

  /**
   * Parses as {@link #parse(String, Function)}.
   *
   * @param beside parameters that were given beside the URL; those of its own query must not differ
   */
  static ReplicaUrl parse(
      String url, Map<S3Parameter, String> beside, Function<String, @Nullable String> env) {
    if (url.isBlank()) {
      throw new IllegalArgumentException(
          "the replica URL is empty; write s3://bucket/path or file:///path");
    }
    if (isPlainPath(url)) {
      return withoutParameters(FileUrl.ofPath(url), beside);
    }
    int colon = url.indexOf(':');
    String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "file" -> withoutParameters(FileUrl.parse(url.substring(colon + 1)), beside);
      case "s3" -> S3Url.parse(url.substring(colon + 1), beside, env);
      default -> throw unsupported(scheme);
    };
  }

  /** Whether the text is a path as the user types it to a shell, not a URL. */
  static boolean isPlainPath(String text) {
    return FileUrl.isPlainPath(text);
  }

  private static FileUrl withoutParameters(FileUrl url, Map<S3Parameter, String> beside) {
    for (S3Parameter parameter : beside.keySet()) {
      throw new IllegalArgumentException(
          parameter.key()
              + " is for s3: replicas, and the replica is "
              + url.describe()
              + "; leave it out");
    }
    return url;
  }

  private static IllegalArgumentException unsupported(String scheme) {
    if (OTHER_SCHEMES.contains(scheme)) {
      return new IllegalArgumentException(
          "replica URLs with "
              + scheme
              + ": are not supported yet; use s3: or file:"
              + (scheme.equals("gs")
                  ? " (Google Cloud Storage also speaks S3:"
                      + " s3://bucket/path?endpoint=https://storage.googleapis.com with HMAC keys)"
                  : ""));
    }
    if (scheme.matches("[a-z][a-z0-9+.-]*")) {
      return new IllegalArgumentException(
          "replica URLs with " + scheme + ": are not known; use s3: or file:");
    }
    return new IllegalArgumentException(
        "the replica URL has no scheme; write s3://bucket/path, file:///path or an absolute path");
  }
}

package io.litestream.jdbc.internal.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/** What the host of an S3 endpoint says about its provider. */
final class S3Endpoint {

  private static final Pattern PRIVATE_HOST =
      Pattern.compile(
          "localhost|127\\.0\\.0\\.1|\\[::1]|10\\..*|192\\.168\\..*|172\\.(1[6-9]|2\\d|3[01])\\..*"
              + "|.*\\.local|.*\\.localhost");

  private S3Endpoint() {}

  /**
   * An endpoint as users write it: without a scheme it is http on this machine and private
   * networks, else https.
   */
  static URI parse(String text, String setting) {
    String url = text.strip();
    String lower = url.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("http://") && !lower.startsWith("https://")) {
      String host = url.replaceFirst("(\\[[^]]*]|[^:/]*).*", "$1");
      url = (isPrivate(host) ? "http://" : "https://") + url;
    }
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // Neither the text nor the cause: both may quote a password.
      throw new IllegalArgumentException(
          setting + " is not a URL; write https://host or http://host:port");
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          setting
              + " has a user and password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
              + " instead");
    }
    if (uri.getHost() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          setting + " is not a URL; write https://host or http://host:port");
    }
    return uri;
  }

  /** Hosts to which plain http is no risk that the user did not choose. */
  static boolean isPrivate(String host) {
    return PRIVATE_HOST.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }

  /** Providers whose buckets are addressed in the path: those that have no host per bucket. */
  static boolean wantsPathStyle(URI endpoint) {
    String host = endpoint.getHost().toLowerCase(Locale.ROOT);
    if (host.equals("s3.filebase.com")
        || host.endsWith(".backblazeb2.com")
        || host.endsWith(".supabase.co")) {
      return true;
    }
    // A port means MinIO or its like.
    return endpoint.getPort() >= 0 && !isKnownProvider(host);
  }

  private static boolean isKnownProvider(String host) {
    return isTigris(host)
        || host.endsWith(".amazonaws.com")
        || host.endsWith(".digitaloceanspaces.com")
        || host.endsWith(".scw.cloud")
        || host.endsWith(".r2.cloudflarestorage.com");
  }

  /** Tigris answers from the nearest region unless asked to be consistent. */
  static boolean isTigris(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.equals("fly.storage.tigris.dev") || lower.equals("t3.storage.dev");
  }
}

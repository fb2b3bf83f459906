package io.litestream.jdbc.internal.store;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the host part of an {@code s3://} URL says.
 *
 * @param endpoint as text, null for AWS itself
 * @param pathStyle whether this form of host asks for the bucket in the path
 */
record S3Host(
    String bucket, @Nullable String region, @Nullable String endpoint, boolean pathStyle) {

  /**
   * Anything that some provider has ever allowed; it is quoted in messages, so nothing else gets
   * through.
   */
  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9._-]+");

  private static final Pattern AWS = Pattern.compile("(.+)\\.s3(?:\\.([^.]+))?\\.amazonaws\\.com");
  private static final Pattern DIGITAL_OCEAN =
      Pattern.compile("(.+)\\.([^.]+)\\.digitaloceanspaces\\.com");
  private static final Pattern BACKBLAZE =
      Pattern.compile("(.+)\\.s3\\.([^.]+)\\.backblazeb2\\.com");
  private static final Pattern FILEBASE = Pattern.compile("(.+)\\.s3\\.filebase\\.com");
  private static final Pattern SCALEWAY = Pattern.compile("(.+)\\.s3\\.([^.]+)\\.scw\\.cloud");
  private static final Pattern LOCAL = Pattern.compile("([^.:]+)\\.([^:]+:\\d{1,5})");

  static S3Host parse(String host) {
    S3Host parsed = match(host);
    if (!BUCKET.matcher(parsed.bucket).matches()) {
      throw new IllegalArgumentException(
          "the host of the s3: replica URL is not a bucket; write s3://bucket/path, and for another"
              + " server s3://bucket/path?endpoint=https://host:port");
    }
    return parsed;
  }

  private static S3Host match(String host) {
    Matcher m;
    if ((m = AWS.matcher(host)).matches()) {
      return new S3Host(m.group(1), m.group(2), null, false);
    }
    if ((m = DIGITAL_OCEAN.matcher(host)).matches()) {
      return new S3Host(
          m.group(1), m.group(2), "https://" + m.group(2) + ".digitaloceanspaces.com", false);
    }
    if ((m = BACKBLAZE.matcher(host)).matches()) {
      return new S3Host(
          m.group(1), m.group(2), "https://s3." + m.group(2) + ".backblazeb2.com", true);
    }
    if ((m = FILEBASE.matcher(host)).matches()) {
      return new S3Host(m.group(1), null, "https://s3.filebase.com", true);
    }
    if ((m = SCALEWAY.matcher(host)).matches()) {
      return new S3Host(m.group(1), m.group(2), "https://s3." + m.group(2) + ".scw.cloud", false);
    }
    if (!host.contains(".com") && (m = LOCAL.matcher(host)).matches()) {
      return new S3Host(m.group(1), "us-east-1", "http://" + m.group(2), true);
    }
    return new S3Host(host, null, null, false);
  }
}

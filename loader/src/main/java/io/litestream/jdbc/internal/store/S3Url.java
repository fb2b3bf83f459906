package io.litestream.jdbc.internal.store;

import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A replica in S3 or what speaks its protocol.
 *
 * @param bucket a name, or an access point's ARN
 * @param path as Litestream cleans it: "." for {@code s3://bucket}, "" for {@code s3://bucket/},
 *     else without a slash at either end
 * @param endpoint null for AWS itself
 * @param region null when it must be looked up
 * @param fallbackRegion for when the look-up is not permitted
 * @param pathStyle whether the bucket goes into the path and not into the host name
 * @param skipVerify whether any TLS certificate will do
 * @param customerKey base64 of the 32 bytes of SSE-C, null without; a secret
 */
public record S3Url(
    String bucket,
    String path,
    @Nullable URI endpoint,
    @Nullable String region,
    @Nullable String fallbackRegion,
    boolean pathStyle,
    boolean skipVerify,
    @Nullable String customerKey,
    S3Credentials credentials)
    implements ReplicaUrl {

  private static final int CUSTOMER_KEY_BYTES = 32;

  /** Servers other than AWS have names of their own. */
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** What follows {@code s3:}, and the parameters that were given beside the URL. */
  static S3Url parse(
      String rest, Map<S3Parameter, String> beside, Function<String, @Nullable String> env) {
    if (!rest.startsWith("//")) {
      throw new IllegalArgumentException(
          "the s3: replica URL has no bucket; write s3://bucket/path");
    }
    if (rest.indexOf('#') >= 0) {
      throw new IllegalArgumentException(
          "the s3: replica URL has a #; write %23 where a key contains one");
    }
    int mark = rest.indexOf('?');
    Map<S3Parameter, String> parameters =
        S3Parameter.sort(mark < 0 ? Map.of() : UrlText.query(rest.substring(mark + 1)), beside);
    String place = rest.substring(2, mark < 0 ? rest.length() : mark);
    return place.regionMatches(true, 0, "arn:", 0, 4)
        ? accessPoint(place, parameters, env)
        : bucket(place, parameters, env);
  }

  private static S3Url bucket(
      String place, Map<S3Parameter, String> parameters, Function<String, @Nullable String> env) {
    int slash = place.indexOf('/');
    String authority = slash < 0 ? place : place.substring(0, slash);
    if (authority.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "the s3: replica URL has a user and password before the bucket; set access_key_id and"
              + " secret_access_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    S3Host host = S3Host.parse(authority);
    String path =
        UrlText.clean(
            UrlText.decode(slash < 0 ? "" : place.substring(slash), "the path of the replica URL"));
    return build(host, path.startsWith("/") ? path.substring(1) : path, parameters, env);
  }

  /**
   * {@code arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME[/path]}: the bucket is the ARN up to the
   * name.
   */
  private static S3Url accessPoint(
      String place, Map<S3Parameter, String> parameters, Function<String, @Nullable String> env) {
    String[] fields = place.split(":", 6);
    if (fields.length < 6
        || !fields[5].toLowerCase(Locale.ROOT).matches("accesspoint/[a-z0-9-]+(/.*)?")) {
      throw new IllegalArgumentException(
          "the ARN in the replica URL is not an access point; write"
              + " s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/path");
    }
    int name = place.indexOf('/') + 1;
    int slash = place.indexOf('/', name);
    String bucket = slash < 0 ? place : place.substring(0, slash);
    String key =
        slash < 0 ? "" : UrlText.decode(place.substring(slash), "the path of the replica URL");
    return build(
        new S3Host(bucket, fields[3], null, false),
        UrlText.clean("/" + key).substring(1),
        parameters,
        env);
  }

  private static S3Url build(
      S3Host host,
      String path,
      Map<S3Parameter, String> parameters,
      Function<String, @Nullable String> env) {
    URI endpoint = host.endpoint() == null ? null : S3Endpoint.parse(host.endpoint(), "the host");
    boolean pathStyle = host.pathStyle();
    String explicit = parameters.get(S3Parameter.ENDPOINT);
    String variable = blankToNull(env.apply("LITESTREAM_S3_ENDPOINT"));
    if (explicit != null) {
      endpoint = S3Endpoint.parse(explicit, "endpoint");
      pathStyle = true;
    } else if (endpoint == null && variable != null) {
      endpoint = S3Endpoint.parse(variable, "LITESTREAM_S3_ENDPOINT");
      pathStyle = true;
    } else if (endpoint != null) {
      pathStyle |= S3Endpoint.wantsPathStyle(endpoint);
    }
    Boolean forced = S3Parameter.FORCE_PATH_STYLE.truth(parameters);
    String region = parameters.getOrDefault(S3Parameter.REGION, host.region());
    if (region != null && !REGION.matcher(region).matches()) {
      throw new IllegalArgumentException(
          "region=" + region + " is not accepted; set region to a name such as us-east-1");
    }
    return new S3Url(
        host.bucket(),
        path,
        endpoint,
        region == null && endpoint != null ? "us-east-1" : region,
        firstSet(env.apply("AWS_REGION"), env.apply("AWS_DEFAULT_REGION")),
        forced != null ? forced : pathStyle,
        Boolean.TRUE.equals(S3Parameter.SKIP_VERIFY.truth(parameters)),
        customerKey(parameters, endpoint),
        S3Credentials.of(parameters, env));
  }

  private static @Nullable String customerKey(
      Map<S3Parameter, String> parameters, @Nullable URI endpoint) {
    S3Parameter.SIGN_PAYLOAD.truth(parameters);
    S3Parameter.REQUIRE_CONTENT_MD5.truth(parameters);
    S3Parameter.CONCURRENCY.checkPositive(parameters);
    S3Parameter.PART_SIZE.checkPositive(parameters);
    String algorithm = parameters.get(S3Parameter.SSE_CUSTOMER_ALGORITHM);
    if (algorithm != null && !algorithm.equals("AES256")) {
      throw new IllegalArgumentException(
          "sse_customer_algorithm="
              + algorithm
              + " is not accepted; set sse_customer_algorithm to AES256");
    }
    String key = parameters.get(S3Parameter.SSE_CUSTOMER_KEY);
    if (key == null) {
      if (algorithm != null || parameters.containsKey(S3Parameter.SSE_CUSTOMER_KEY_MD5)) {
        throw new IllegalArgumentException(
            "there are sse_customer parameters but no sse_customer_key; add it (base64 of 32"
                + " bytes)");
      }
      return null;
    }
    if (parameters.containsKey(S3Parameter.SSE_KMS_KEY_ID)) {
      throw new IllegalArgumentException(
          "both sse_customer_key and sse_kms_key_id are given; an object has one or the other");
    }
    if (endpoint != null
        && "http".equalsIgnoreCase(endpoint.getScheme())
        && !S3Endpoint.isPrivate(endpoint.getHost())) {
      throw new IllegalArgumentException(
          "sse_customer_key would be sent in the clear; use an https endpoint");
    }
    checkKey(key, parameters.get(S3Parameter.SSE_CUSTOMER_KEY_MD5));
    return key;
  }

  private static void checkKey(String base64, @Nullable String md5) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      key = new byte[0];
    }
    if (key.length != CUSTOMER_KEY_BYTES) {
      throw new IllegalArgumentException("sse_customer_key is not the base64 of 32 bytes");
    }
    if (md5 != null && !md5.equals(md5(key))) {
      throw new IllegalArgumentException(
          "sse_customer_key_md5 is not the base64 of the MD5 of sse_customer_key; leave it out");
    }
  }

  /** The base64 of a key's MD5, which goes with the key in each request. */
  public static String md5(byte[] key) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(key));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static @Nullable String firstSet(@Nullable String a, @Nullable String b) {
    return blankToNull(a) != null ? a : blankToNull(b);
  }

  private static @Nullable String blankToNull(@Nullable String value) {
    return value == null || value.isBlank() ? null : value;
  }

  /** The same place, reached with other credentials. */
  public S3Url with(S3Credentials others) {
    return new S3Url(
        bucket, path, endpoint, region, fallbackRegion, pathStyle, skipVerify, customerKey, others);
  }

  /** Whether reads must ask this provider to be consistent. */
  public boolean tigris() {
    return endpoint != null && S3Endpoint.isTigris(endpoint.getHost());
  }

  @Override
  public String describe() {
    String place = "s3://" + bucket + (path.equals(".") ? "" : "/" + path);
    return endpoint == null ? place : place + " at " + endpoint;
  }

  @Override
  public String toString() {
    return describe();
  }
}

package io.litestream.jdbc.conformance;

import static io.litestream.jdbc.conformance.ParameterSamples.Way.ATTACH;
import static io.litestream.jdbc.conformance.ParameterSamples.Way.DRIVER;

import io.litestream.jdbc.internal.config.Parameter;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** For each parameter a value that opens a replica, one that does not, and where it may stand. */
final class ParameterSamples {

  /** Where parameters are given. */
  enum Way {
    /** {@code jdbc:litestream:}. */
    DRIVER,
    /** {@code jdbc:sqlite:file:}. */
    URI,
    ATTACH
  }

  /** Base64 of 32 bytes, and of their MD5. */
  static final String CUSTOMER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

  static final String CUSTOMER_KEY_MD5 = "hRasmdxgYDKV3nvbahU1MA==";

  static final String SESSION_TOKEN = "a-session/token+==";

  /** The name under which {@code ParametersTest} registers its replica. */
  static final String REGISTERED = "the-registered-one";

  /** The profile that {@code ParametersTest} writes. */
  static final String PROFILE = "the-profile";

  /**
   * @param bad null where every value is taken
   * @param text what the error for the bad value says besides the key
   * @param s3 whether only S3 has it
   * @param ways where it is legal
   * @param with what it needs beside it
   */
  record Sample(
      String good,
      @Nullable String bad,
      String text,
      boolean s3,
      Set<Way> ways,
      Map<Parameter, String> with) {

    Sample only(Way... legal) {
      return new Sample(good, bad, text, s3, EnumSet.of(legal[0], legal), with);
    }

    Sample with(Parameter parameter, String value) {
      return new Sample(good, bad, text, s3, ways, Map.of(parameter, value));
    }
  }

  private static final String DURATIONS =
      "a time from 1ms to 24h, such as 500ms, 1s, 1m30s or PT5S";
  private static final String TRUTHS = "true, 1, yes, on, false, 0, no or off";
  private static final String S3_TRUTHS = "neither true nor false; set it to one of them";
  private static final String COUNTS = "to a positive integer";

  private ParameterSamples() {}

  private static Sample file(String good, String bad, String text) {
    return new Sample(good, bad, text, false, EnumSet.allOf(Way.class), Map.of());
  }

  private static Sample s3(String good, String bad, String text) {
    return new Sample(good, bad, text, true, EnumSet.allOf(Way.class), Map.of());
  }

  private static Sample any(boolean s3, String good) {
    return new Sample(good, null, "", s3, EnumSet.allOf(Way.class), Map.of());
  }

  /**
   * @param replicaUrl a replica in a directory
   * @param endpoint an S3 server
   * @param key and the key and secret that it takes
   */
  static Map<Parameter, Sample> all(String replicaUrl, String endpoint, String key, String secret) {
    Map<Parameter, Sample> all = new EnumMap<>(Parameter.class);
    all.put(Parameter.REPLICA_URL, file(replicaUrl, "ftp://host/path", "use s3: or file:"));
    all.put(Parameter.REPLICA, file(REGISTERED, "nobody", "call Litestream.register first"));
    all.put(Parameter.TIME, file("now", "soon", "is not a time"));
    all.put(Parameter.TXID, file("1", "xyz", "1 to 16 hex digits"));
    all.put(Parameter.POLL_INTERVAL, file("1m30s", "soon", DURATIONS));
    all.put(Parameter.OPEN_TIMEOUT, file("PT5S", "25h", DURATIONS));
    all.put(Parameter.REQUEST_TIMEOUT, file("500ms", "-1s", DURATIONS));
    all.put(Parameter.MAX_STALE, file("7d", "0", "a time from 1ms to 365d"));
    all.put(Parameter.SESSION_TIME, file("keep", "never", "reset or keep"));
    all.put(Parameter.CACHE_BYTES, file("65MB", "many", "bytes above 0, such as 67108864 or 64MB"));
    all.put(Parameter.HEDGING, file("false", "maybe", TRUTHS));
    all.put(
        Parameter.CACHE_SIZE,
        file("65MB", "-5", "bytes above 0, such as 67108864 or 64MB").only(DRIVER, ATTACH));

    all.put(Parameter.ENDPOINT, s3(endpoint, "http://", "write https://host or http://host:port"));
    all.put(Parameter.REGION, s3("eu-west-1", "two words", "to a name such as us-east-1"));
    all.put(Parameter.FORCE_PATH_STYLE, s3("true", "maybe", S3_TRUTHS));
    all.put(Parameter.SKIP_VERIFY, s3("true", "maybe", S3_TRUTHS));
    all.put(Parameter.ACCESS_KEY_ID, s3(key, "wrong-key", "access_key_id"));
    all.put(Parameter.SECRET_ACCESS_KEY, s3(secret, "wrong-secret", "access_key_id"));
    all.put(Parameter.SESSION_TOKEN, any(true, SESSION_TOKEN));
    all.put(Parameter.PROFILE, s3(PROFILE, "nobody", "the AWS profile nobody"));
    all.put(
        Parameter.SSE_CUSTOMER_ALGORITHM,
        s3("AES256", "AES128", "to AES256").with(Parameter.SSE_CUSTOMER_KEY, CUSTOMER_KEY));
    all.put(Parameter.SSE_CUSTOMER_KEY, s3(CUSTOMER_KEY, "c2hvcnQ=", "the base64 of 32 bytes"));
    all.put(
        Parameter.SSE_CUSTOMER_KEY_MD5,
        s3(CUSTOMER_KEY_MD5, "c2hvcnQ=", "leave it out")
            .with(Parameter.SSE_CUSTOMER_KEY, CUSTOMER_KEY));
    all.put(Parameter.SIGN_PAYLOAD, s3("true", "maybe", S3_TRUTHS));
    all.put(Parameter.REQUIRE_CONTENT_MD5, s3("false", "maybe", S3_TRUTHS));
    all.put(Parameter.CONCURRENCY, s3("5", "none", COUNTS));
    all.put(Parameter.PART_SIZE, s3("5242880", "0", COUNTS));
    all.put(Parameter.STORAGE_CLASS, any(true, "GLACIER_IR"));
    all.put(Parameter.SSE_KMS_KEY_ID, any(true, "arn:aws:kms:x"));

    all.put(Parameter.WRITE_ENABLED, file("false", "true", "replicas are read-only here"));
    all.put(Parameter.SYNC_INTERVAL, file("1s", "soon", DURATIONS));
    all.put(Parameter.BUFFER_PATH, any(false, "/tmp/buffer"));
    all.put(Parameter.HYDRATION_ENABLED, file("true", "maybe", TRUTHS));
    all.put(Parameter.HYDRATION_PATH, any(false, "/tmp/hydration"));
    return all;
  }

  /** The parameters of S3 that say who asks. */
  static final Set<Parameter> KEYS =
      EnumSet.of(Parameter.ACCESS_KEY_ID, Parameter.SECRET_ACCESS_KEY);
}

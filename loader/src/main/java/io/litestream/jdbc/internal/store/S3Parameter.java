package io.litestream.jdbc.internal.store;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The query parameters of an {@code s3://} URL, each in camel case and in kebab case. */
enum S3Parameter {
  ENDPOINT("endpoint", "endpoint"),
  REGION("region", "region"),
  FORCE_PATH_STYLE("forcePathStyle", "force-path-style"),
  SKIP_VERIFY("skipVerify", "skip-verify"),
  SSE_CUSTOMER_ALGORITHM("sseCustomerAlgorithm", "sse-customer-algorithm"),
  SSE_CUSTOMER_KEY("sseCustomerKey", "sse-customer-key"),
  SSE_CUSTOMER_KEY_MD5("sseCustomerKeyMD5", "sse-customer-key-md5"),

  // These matter to a writer. A reader accepts them, so that one URL serves both.
  SIGN_PAYLOAD("signPayload", "sign-payload"),
  REQUIRE_CONTENT_MD5("requireContentMD5", "require-content-md5"),
  CONCURRENCY("concurrency", "concurrency"),
  PART_SIZE("partSize", "part-size"),
  STORAGE_CLASS("storageClass", "storage-class"),
  SSE_KMS_KEY_ID("sseKmsKeyId", "sse-kms-key-id");

  private final String camel;
  private final String kebab;

  S3Parameter(String camel, String kebab) {
    this.camel = camel;
    this.kebab = kebab;
  }

  /** Sorts a query by parameter; empty values count as not given, as for Litestream. */
  static Map<S3Parameter, String> sort(Map<String, String> query) {
    Map<S3Parameter, String> sorted = new EnumMap<>(S3Parameter.class);
    query.forEach(
        (key, value) -> {
          S3Parameter parameter = find(key);
          if (!value.isEmpty() && sorted.putIfAbsent(parameter, value) != null) {
            throw new IllegalArgumentException(
                "the replica URL has the parameter " + parameter.camel + " twice");
          }
        });
    return sorted;
  }

  private static S3Parameter find(String key) {
    List<String> names = new ArrayList<>();
    for (S3Parameter parameter : values()) {
      if (parameter.camel.equals(key) || parameter.kebab.equals(key)) {
        return parameter;
      }
      names.add(parameter.camel);
      names.add(parameter.kebab);
    }
    throw new IllegalArgumentException(
        "the replica URL has an unknown parameter " + key + UrlText.didYouMean(key, names));
  }

  /** The value as a truth value, null when it is not given. */
  @Nullable Boolean truth(Map<S3Parameter, String> values) {
    String value = values.get(this);
    return value == null
        ? null
        : switch (value.toLowerCase(Locale.ROOT)) {
          case "true", "1", "t", "yes", "on" -> true;
          case "false", "0", "f", "no", "off" -> false;
          default ->
              throw new IllegalArgumentException(
                  camel + "=" + value + " in the replica URL is neither true nor false");
        };
  }

  /** Checks that the value, if given, is a positive integer. */
  void checkPositive(Map<S3Parameter, String> values) {
    String value = values.get(this);
    if (value != null && !value.matches("0*[1-9][0-9]{0,17}")) {
      throw new IllegalArgumentException(
          camel + "=" + value + " in the replica URL is not a positive integer");
    }
  }
}

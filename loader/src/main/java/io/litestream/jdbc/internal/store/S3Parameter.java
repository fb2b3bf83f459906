package io.litestream.jdbc.internal.store;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an {@code s3://} replica, which may stand in its URL's query or beside it (see
 * {@link Spelling}).
 */
public enum S3Parameter {
  ENDPOINT("endpoint"),
  REGION("region"),
  FORCE_PATH_STYLE("force_path_style"),
  SKIP_VERIFY("skip_verify"),
  ACCESS_KEY_ID("access_key_id"),
  SECRET_ACCESS_KEY("secret_access_key"),
  SESSION_TOKEN("session_token"),
  PROFILE("profile"),
  SSE_CUSTOMER_ALGORITHM("sse_customer_algorithm"),
  SSE_CUSTOMER_KEY("sse_customer_key"),
  SSE_CUSTOMER_KEY_MD5("sse_customer_key_md5"),

  // These matter to a writer. A reader accepts them, so that one URL serves both.
  SIGN_PAYLOAD("sign_payload"),
  REQUIRE_CONTENT_MD5("require_content_md5"),
  CONCURRENCY("concurrency"),
  PART_SIZE("part_size"),
  STORAGE_CLASS("storage_class"),
  SSE_KMS_KEY_ID("sse_kms_key_id");

  private static final Set<String> TRUE = Set.of("true", "1", "t", "yes", "on");
  private static final Set<String> FALSE = Set.of("false", "0", "f", "no", "off");

  private static final Set<S3Parameter> SECRET =
      EnumSet.of(
          ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, SSE_CUSTOMER_KEY, SSE_CUSTOMER_KEY_MD5);

  private final String key;

  S3Parameter(String key) {
    this.key = key;
  }

  /** The name in snake_case. */
  public String key() {
    return key;
  }

  /**
   * Sorts what was given by parameter; empty values count as not given, as for Litestream.
   *
   * @param query the replica URL's own query, in any spelling
   * @param beside what stands beside the replica URL
   */
  static Map<S3Parameter, String> sort(Map<String, String> query, Map<S3Parameter, String> beside) {
    Map<S3Parameter, String> sorted = new EnumMap<>(S3Parameter.class);
    boolean secret = query.keySet().stream().anyMatch(S3Parameter::isSecret);
    for (Map.Entry<String, String> given : query.entrySet()) {
      S3Parameter parameter = find(given.getKey(), secret);
      if (!given.getValue().isEmpty() && sorted.putIfAbsent(parameter, given.getValue()) != null) {
        throw new IllegalArgumentException(
            "the replica URL has the parameter " + parameter.key + " twice; leave one out");
      }
    }
    beside.forEach(
        (parameter, value) -> {
          String own = value.isEmpty() ? null : sorted.putIfAbsent(parameter, value);
          if (own != null && !own.equals(value)) {
            throw new IllegalArgumentException(
                parameter.key
                    + " is given in the query of the replica URL and beside it, with different"
                    + " values; leave one out");
          }
        });
    return sorted;
  }

  private static boolean isSecret(String name) {
    String key = Spelling.snake(name);
    return SECRET.stream().anyMatch(parameter -> parameter.key.equals(key));
  }

  /**
   * @param secret whether the query has one, so that the name may be the rest of that
   */
  private static S3Parameter find(String name, boolean secret) {
    List<String> names = new ArrayList<>();
    String key = Spelling.snake(name);
    for (S3Parameter parameter : values()) {
      if (parameter.key.equals(key)) {
        return parameter;
      }
      names.add(parameter.key);
    }
    String meant = UrlText.didYouMean(name, names);
    if (secret && meant.isEmpty()) {
      throw new IllegalArgumentException("the replica URL" + UrlText.UNSHOWN_NAME);
    }
    throw new IllegalArgumentException(
        "the replica URL has the unknown parameter " + UrlText.shownName(name) + meant);
  }

  /** The value as a truth value, null when it is not given. */
  @Nullable Boolean truth(Map<S3Parameter, String> values) {
    String value = values.get(this);
    if (value == null) {
      return null;
    }
    String lower = value.toLowerCase(Locale.ROOT);
    if (!TRUE.contains(lower) && !FALSE.contains(lower)) {
      throw new IllegalArgumentException(
          key + "=" + value + " is neither true nor false; set it to one of them");
    }
    return TRUE.contains(lower);
  }

  /** Checks that the value, if given, is a positive integer. */
  void checkPositive(Map<S3Parameter, String> values) {
    String value = values.get(this);
    if (value != null && !value.matches("0*[1-9][0-9]{0,17}")) {
      throw new IllegalArgumentException(
          key + "=" + value + " is not accepted; set " + key + " to a positive integer");
    }
  }
}

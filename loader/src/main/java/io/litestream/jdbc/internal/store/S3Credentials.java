package io.litestream.jdbc.internal.store;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keys that the user gave, or where the AWS SDK is to look for them.
 *
 * @param source where they come from, for messages
 * @param keys null when the SDK finds them: in the profile, or else by its default chain (profile,
 *     container, instance, web identity)
 * @param profile a profile of the AWS configuration files; null for the default chain
 */
public record S3Credentials(String source, @Nullable Keys keys, @Nullable String profile) {

  /**
   * A key pair.
   *
   * @param sessionToken null for keys that last
   */
  public record Keys(String accessKeyId, String secretAccessKey, @Nullable String sessionToken) {
    @Override
    public String toString() {
      return "Keys[hidden]";
    }
  }

  /** From parameters; without any, from the environment. */
  static S3Credentials of(
      Map<S3Parameter, String> parameters, Function<String, @Nullable String> env) {
    String id = parameters.get(S3Parameter.ACCESS_KEY_ID);
    String secret = parameters.get(S3Parameter.SECRET_ACCESS_KEY);
    String token = parameters.get(S3Parameter.SESSION_TOKEN);
    String profile = parameters.get(S3Parameter.PROFILE);
    if (profile != null) {
      if (id != null || secret != null || token != null) {
        throw new IllegalArgumentException(
            "profile is given together with keys; leave out either profile, or access_key_id,"
                + " secret_access_key and session_token");
      }
      return new S3Credentials("the AWS profile " + profile, null, profile);
    }
    if (id != null && secret != null) {
      return new S3Credentials("access_key_id", new Keys(id, secret, token), null);
    }
    if (id != null || secret != null) {
      throw new IllegalArgumentException(
          id == null
              ? "secret_access_key is given without access_key_id; add it"
              : "access_key_id is given without secret_access_key; add it");
    }
    if (token != null) {
      throw new IllegalArgumentException(
          "session_token is given without access_key_id and secret_access_key; add them");
    }
    return fromEnvironment(env);
  }

  /**
   * {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY} and {@code AWS_SESSION_TOKEN}, each of
   * the first two replaced by its {@code LITESTREAM_} namesake where it is not set. The token
   * belongs to the AWS key alone.
   */
  private static S3Credentials fromEnvironment(Function<String, @Nullable String> env) {
    String awsId = set(env.apply("AWS_ACCESS_KEY_ID"));
    String id = awsId != null ? awsId : set(env.apply("LITESTREAM_ACCESS_KEY_ID"));
    String awsSecret = set(env.apply("AWS_SECRET_ACCESS_KEY"));
    String secret = awsSecret != null ? awsSecret : set(env.apply("LITESTREAM_SECRET_ACCESS_KEY"));
    if (id == null || secret == null) {
      return new S3Credentials("the AWS default chain", null, null);
    }
    String source = awsId != null ? "AWS_ACCESS_KEY_ID" : "LITESTREAM_ACCESS_KEY_ID";
    String token = awsId != null ? set(env.apply("AWS_SESSION_TOKEN")) : null;
    return new S3Credentials(source, new Keys(id, secret, token), null);
  }

  private static @Nullable String set(@Nullable String value) {
    return value == null || value.isEmpty() ? null : value;
  }

  @Override
  public String toString() {
    return "credentials from " + source;
  }
}

package io.litestream.jdbc.internal.store;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keys from the environment, or the decision to let the AWS SDK look for them.
 *
 * @param source where they come from, for messages
 * @param keys null when the SDK's default chain (profile, container, instance, web identity) finds
 *     them
 */
public record S3Credentials(String source, @Nullable Keys keys) {

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

  /**
   * {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY} and {@code AWS_SESSION_TOKEN}, each of
   * the first two replaced by its {@code LITESTREAM_} namesake where it is not set. The token
   * belongs to the AWS key alone.
   */
  static S3Credentials fromEnvironment(Function<String, @Nullable String> env) {
    String awsId = set(env.apply("AWS_ACCESS_KEY_ID"));
    String id = awsId != null ? awsId : set(env.apply("LITESTREAM_ACCESS_KEY_ID"));
    String awsSecret = set(env.apply("AWS_SECRET_ACCESS_KEY"));
    String secret = awsSecret != null ? awsSecret : set(env.apply("LITESTREAM_SECRET_ACCESS_KEY"));
    if (id == null || secret == null) {
      return new S3Credentials("the AWS default chain", null);
    }
    String source = awsId != null ? "AWS_ACCESS_KEY_ID" : "LITESTREAM_ACCESS_KEY_ID";
    String token = awsId != null ? set(env.apply("AWS_SESSION_TOKEN")) : null;
    return new S3Credentials(source, new Keys(id, secret, token));
  }

  private static @Nullable String set(@Nullable String value) {
    return value == null || value.isEmpty() ? null : value;
  }

  @Override
  public String toString() {
    return "credentials from " + source;
  }
}

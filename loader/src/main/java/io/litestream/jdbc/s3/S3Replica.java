package io.litestream.jdbc.s3;

import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.S3Credentials;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.internal.store.s3.S3Store;
import io.litestream.jdbc.store.ReplicaSource;
import io.litestream.jdbc.store.ReplicaStore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A replica in S3 for {@code LitestreamConfig.builder().source(...)}, so that no key needs to be in
 * a URL. Two with equal URLs and the same client or provider are equal. Thread-safe.
 */
public final class S3Replica {

  private S3Replica() {}

  /**
   * A replica that is read with the application's client: its region, endpoint, credentials and
   * HTTP settings.
   *
   * @param client stays open until the application closes it, which must not be before the last
   *     connection to the replica. Requests are retried by this library: a client that retries too
   *     multiplies the attempts
   * @param url {@code s3://bucket/path}; of the parameters only {@code sse_customer_*} matter
   * @throws IllegalArgumentException when the URL is none
   */
  public static ReplicaSource of(S3Client client, String url) {
    S3Url place = parse(url, name -> null);
    if (place.credentials().keys() != null || place.credentials().profile() != null) {
      throw new IllegalArgumentException(
          "the replica URL has credentials, and the S3Client has its own; leave them out");
    }
    return new OwnClient(place.with(new S3Credentials("the given S3Client", null, null)), client);
  }

  /**
   * A replica that is read with the application's credentials.
   *
   * @param provider asked whenever a request is signed; caches for itself
   * @param url {@code s3://bucket/path}, with the parameters of S3 but for credentials
   * @throws IllegalArgumentException when the URL is none
   */
  public static ReplicaSource of(AwsCredentialsProvider provider, String url) {
    S3Url place = parse(url, name -> isKey(name) ? null : System.getenv(name));
    if (place.credentials().keys() != null || place.credentials().profile() != null) {
      throw new IllegalArgumentException(
          "the replica URL has credentials, and so has the AwsCredentialsProvider; leave those of"
              + " the URL out");
    }
    return new OwnCredentials(
        place.with(new S3Credentials("the given AwsCredentialsProvider", null, null)), provider);
  }

  private static boolean isKey(String variable) {
    return variable.endsWith("_ACCESS_KEY_ID") || variable.endsWith("_SECRET_ACCESS_KEY");
  }

  private static S3Url parse(String url, Function<String, @Nullable String> env) {
    if (ReplicaUrl.parse(url, env) instanceof S3Url s3) {
      return s3;
    }
    throw new IllegalArgumentException("the replica URL is not one of S3; write s3://bucket/path");
  }

  private record OwnClient(S3Url url, S3Client client) implements ReplicaSource {
    @Override
    public ReplicaStore open() {
      return new S3Store(url, client);
    }

    @Override
    public String toString() {
      return url.describe();
    }
  }

  private record OwnCredentials(S3Url url, AwsCredentialsProvider provider)
      implements ReplicaSource {
    @Override
    public ReplicaStore open() {
      return new S3Store(url, provider);
    }

    @Override
    public String toString() {
      return url.describe();
    }
  }
}

package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A client and the credentials that its requests are signed with. Thread-safe.
 *
 * @param credentials null where the client was given with its own, which it renews for itself
 */
record S3Access(S3Client client, @Nullable RenewableCredentials credentials)
    implements AutoCloseable {

  /** One request to S3. */
  @FunctionalInterface
  interface Request<T> {
    /**
     * @param how sets the request's deadline and credentials
     */
    T send(S3Client client, Consumer<AwsRequestOverrideConfiguration.Builder> how);
  }

  /** Remembers what one request was signed with. */
  private static final class Signing implements AwsCredentialsProvider {
    private final RenewableCredentials credentials;
    private volatile @Nullable AwsCredentials used;

    Signing(RenewableCredentials credentials) {
      this.credentials = credentials;
    }

    @Override
    public AwsCredentials resolveCredentials() {
      AwsCredentials resolved = credentials.resolve();
      used = resolved;
      return resolved;
    }
  }

  /**
   * Makes a request, and once more when the credentials were no longer good and there are others.
   *
   * @param what the object or place that the request is for
   * @param permission what the request needs, as in {@code s3:GetObject on it}
   */
  <T> T send(String what, String permission, Deadline deadline, S3Errors errors, Request<T> request)
      throws StoreException {
    for (boolean first = true; ; first = false) {
      Duration timeout = deadline.left();
      Signing signing = credentials == null ? null : new Signing(credentials);
      try {
        return request.send(
            client,
            how -> {
              how.apiCallTimeout(timeout);
              if (signing != null) {
                how.credentialsProvider(signing);
              }
            });
      } catch (RuntimeException e) {
        AwsCredentials used = signing == null ? null : signing.used;
        if (!first || !renewed(e, used, deadline)) {
          throw errors.translate(what, permission, timeout, e, used);
        }
      }
    }
  }

  private boolean renewed(RuntimeException e, @Nullable AwsCredentials used, Deadline deadline)
      throws StoreException {
    return credentials != null
        && used != null
        && RenewableCredentials.outdated(e, used)
        && credentials.renew(used, deadline);
  }

  /** Closes both. */
  @Override
  public void close() {
    client.close();
    if (credentials != null) {
      credentials.close();
    }
  }
}

package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The client for one replica URL, made at the first request: a bucket's region may have to be asked
 * for. Thread-safe.
 */
final class S3Connection implements AutoCloseable {

  /** Where GetBucketLocation is answered for buckets of all regions. */
  private static final String HOME_REGION = "us-east-1";

  private final S3Url url;
  private final S3Errors errors;
  private final @Nullable AwsCredentialsProvider provider;
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable S3Access access; // written under opening
  private S3Clients.@Nullable Key key; // guarded by opening
  private boolean closed; // guarded by opening

  /**
   * @param provider used instead of the URL's credentials, and never closed; null without
   */
  S3Connection(S3Url url, S3Errors errors, @Nullable AwsCredentialsProvider provider) {
    this.url = url;
    this.errors = errors;
    this.provider = provider;
  }

  /** Over the application's client, which is never closed here. */
  static S3Connection over(S3Url url, S3Errors errors, S3Client client) {
    S3Connection connection = new S3Connection(url, errors, null);
    connection.access = new S3Access(client, null);
    return connection;
  }

  /** Makes a request, as {@link S3Access#send}. */
  <T> T send(String what, String permission, Deadline deadline, S3Access.Request<T> request)
      throws StoreException {
    return access(deadline).send(what, permission, deadline, errors, request);
  }

  private S3Access access(Deadline deadline) throws StoreException {
    S3Access known = access;
    if (known != null) {
      return known;
    }
    deadline.lock(opening);
    try {
      if (closed) {
        throw new IllegalStateException(url.describe() + " is closed");
      }
      known = access;
      if (known == null) {
        S3Clients.Key newKey = S3Clients.Key.of(url, region(deadline), provider);
        known = open(newKey);
        key = newKey;
        access = known;
      }
      return known;
    } finally {
      opening.unlock();
    }
  }

  private String region(Deadline deadline) throws StoreException {
    String region = url.region();
    if (region != null) {
      return region;
    }
    S3Clients.Key home = S3Clients.Key.of(url, HOME_REGION, provider);
    S3Access asking = open(home);
    try {
      return location(asking, deadline);
    } catch (StoreException e) {
      String fallback = url.fallbackRegion();
      if (e.kind() == Kind.DENIED && fallback != null) {
        return fallback;
      }
      throw e;
    } finally {
      S3Clients.release(home);
    }
  }

  /**
   * The bucket's region as GetBucketLocation names it: nothing for the oldest region, EU for the
   * second oldest.
   */
  String location(S3Access asking, Deadline deadline) throws StoreException {
    String constraint =
        asking.send(
            "region of bucket " + url.bucket(),
            "s3:GetBucketLocation on bucket " + url.bucket() + ", or set the parameter region",
            deadline,
            errors,
            (client, how) ->
                client
                    .getBucketLocation(r -> r.bucket(url.bucket()).overrideConfiguration(how))
                    .locationConstraintAsString());
    return constraint == null || constraint.isEmpty()
        ? HOME_REGION
        : constraint.equals("EU") ? "eu-west-1" : constraint;
  }

  private S3Access open(S3Clients.Key wanted) throws StoreException {
    try {
      return S3Clients.acquire(wanted);
    } catch (RuntimeException e) {
      throw errors.translate(url.describe(), "", Duration.ZERO, e, null);
    }
  }

  @Override
  public void close() {
    opening.lock();
    try {
      closed = true;
      access = null;
      if (key != null) {
        S3Clients.release(key);
        key = null;
      }
    } finally {
      opening.unlock();
    }
  }
}

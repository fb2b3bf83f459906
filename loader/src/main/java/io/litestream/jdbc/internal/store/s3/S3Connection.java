package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
  private S3Clients.@Nullable Key key;
  private @Nullable S3Client client;
  private boolean closed;

  S3Connection(S3Url url, S3Errors errors) {
    this.url = url;
    this.errors = errors;
  }

  synchronized S3Client client(Duration timeout) throws StoreException {
    if (closed) {
      throw new IllegalStateException(url.describe() + " is closed");
    }
    S3Client known = client;
    if (known == null) {
      S3Clients.Key newKey = S3Clients.Key.of(url, region(timeout));
      known = open(newKey);
      key = newKey;
      client = known;
    }
    return known;
  }

  private String region(Duration timeout) throws StoreException {
    String region = url.region();
    if (region != null) {
      return region;
    }
    S3Clients.Key home = S3Clients.Key.of(url, HOME_REGION);
    S3Client asking = open(home);
    try {
      return location(asking, timeout);
    } catch (StoreException e) {
      if (e.kind() == Kind.DENIED && url.fallbackRegion() != null) {
        return Objects.requireNonNull(url.fallbackRegion());
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
  String location(S3Client asking, Duration timeout) throws StoreException {
    try {
      String constraint =
          asking
              .getBucketLocation(
                  r -> r.bucket(url.bucket()).overrideConfiguration(o -> o.apiCallTimeout(timeout)))
              .locationConstraintAsString();
      return constraint == null || constraint.isEmpty()
          ? HOME_REGION
          : constraint.equals("EU") ? "eu-west-1" : constraint;
    } catch (RuntimeException e) {
      throw errors.translate(
          "region of bucket " + url.bucket(),
          "s3:GetBucketLocation on bucket "
              + url.bucket()
              + ", or set the parameter region of the replica URL",
          timeout,
          e);
    }
  }

  private S3Client open(S3Clients.Key wanted) throws StoreException {
    try {
      return S3Clients.acquire(wanted);
    } catch (RuntimeException e) {
      throw errors.translate(url.describe(), "", Duration.ZERO, e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (key != null) {
      S3Clients.release(key);
      key = null;
      client = null;
    }
  }
}

package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
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
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable S3Client client; // written under opening
  private S3Clients.@Nullable Key key; // guarded by opening
  private boolean closed; // guarded by opening

  S3Connection(S3Url url, S3Errors errors) {
    this.url = url;
    this.errors = errors;
  }

  S3Client client(Deadline deadline) throws StoreException {
    S3Client known = client;
    if (known != null) {
      return known;
    }
    deadline.lock(opening);
    try {
      if (closed) {
        throw new IllegalStateException(url.describe() + " is closed");
      }
      known = client;
      if (known == null) {
        S3Clients.Key newKey = S3Clients.Key.of(url, region(deadline.left()));
        known = open(newKey);
        key = newKey;
        client = known;
      }
      return known;
    } finally {
      opening.unlock();
    }
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
  public void close() {
    opening.lock();
    try {
      closed = true;
      client = null;
      if (key != null) {
        S3Clients.release(key);
        key = null;
      }
    } finally {
      opening.unlock();
    }
  }
}

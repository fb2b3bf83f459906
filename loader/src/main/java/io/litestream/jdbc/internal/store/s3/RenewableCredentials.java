package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The credentials that all requests of a client are signed with, renewed once for all of them when
 * a server says that they have expired.
 *
 * <p>Providers renew what they hand out before it expires, but by their own clock and cache: a key
 * that was revoked, or rotated in a profile, is found out by a refusal only. Thread-safe.
 */
final class RenewableCredentials implements AutoCloseable {

  /** Answers that other credentials of the same source may not get. */
  private static final Set<String> OUTDATED =
      Set.of(
          "ExpiredToken",
          "ExpiredTokenException",
          "InvalidAccessKeyId",
          "InvalidToken",
          "InvalidTokenId",
          "TokenRefreshRequired");

  /** By how much the clocks of this machine and of the server may differ. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  /** Some sources are services with limits of their own, and many connections may be refused. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final Supplier<? extends AwsCredentialsProvider> maker;
  private final boolean ours;
  private final LongSupplier nanoTime;
  private final ReentrantLock renewing = new ReentrantLock();
  private volatile AwsCredentialsProvider provider; // written under renewing
  private @Nullable AwsCredentialsProvider previous; // guarded by renewing
  private @Nullable Long lastRenewal; // guarded by renewing

  /**
   * @param maker makes a provider that has cached nothing yet; or gives the only one there is
   * @param ours whether providers are to be closed when they are no longer used
   * @param nanoTime as {@link System#nanoTime}
   */
  RenewableCredentials(
      Supplier<? extends AwsCredentialsProvider> maker, boolean ours, LongSupplier nanoTime) {
    this.maker = maker;
    this.ours = ours;
    this.nanoTime = nanoTime;
    this.provider = maker.get();
  }

  AwsCredentials resolve() {
    return provider.resolveCredentials();
  }

  /** Whether a request failed because its credentials are no longer good. */
  static boolean outdated(RuntimeException failure, AwsCredentials used) {
    if (!(failure instanceof AwsServiceException answer)) {
      return false;
    }
    AwsErrorDetails details = answer.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    if (code != null && OUTDATED.contains(code)) {
      return true;
    }
    return (answer.statusCode() == 401 || answer.statusCode() == 403)
        && used.expirationTime().map(t -> t.isBefore(Instant.now().plus(SKEW))).orElse(false);
  }

  /**
   * Sees to credentials other than those that were refused. Whoever comes second waits for the
   * first and takes its result.
   *
   * @return whether there are any, so that the request is worth another try
   */
  boolean renew(AwsCredentials refused, Deadline deadline) throws StoreException {
    deadline.lock(renewing);
    try {
      if (!same(provider.resolveCredentials(), refused)) {
        return true;
      }
      long now = nanoTime.getAsLong();
      if (lastRenewal != null && now - lastRenewal < PAUSE.toNanos()) {
        return false;
      }
      lastRenewal = now;
      return replace(refused);
    } catch (RuntimeException e) {
      return false; // the refusal says more than a source that does not answer
    } finally {
      renewing.unlock();
    }
  }

  private boolean replace(AwsCredentials refused) {
    AwsCredentialsProvider fresh = maker.get();
    if (same(fresh.resolveCredentials(), refused)) {
      close(fresh);
      return false;
    }
    // Other requests may be resolving with the one that is replaced now.
    close(previous);
    previous = provider;
    provider = fresh;
    return true;
  }

  private static boolean same(AwsCredentials a, AwsCredentials b) {
    return a.accessKeyId().equals(b.accessKeyId())
        && a.secretAccessKey().equals(b.secretAccessKey())
        && Objects.equals(token(a), token(b));
  }

  static @Nullable String token(AwsCredentials credentials) {
    return credentials instanceof AwsSessionCredentials session ? session.sessionToken() : null;
  }

  private void close(@Nullable AwsCredentialsProvider unused) {
    if (ours && unused != provider && unused instanceof SdkAutoCloseable closeable) {
      closeable.close();
    }
  }

  @Override
  public void close() {
    renewing.lock();
    try {
      close(previous);
      previous = null;
      if (ours && provider instanceof SdkAutoCloseable closeable) {
        closeable.close();
      }
    } finally {
      renewing.unlock();
    }
  }
}

package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.S3Credentials;
import io.litestream.jdbc.internal.store.S3Url;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * The clients of this process: stores with the same server, credentials and options share one, and
 * its connections.
 */
final class S3Clients {

  /** What a client is built from; everything in an S3 URL but the place in the bucket. */
  record Key(
      @Nullable URI endpoint,
      String region,
      boolean pathStyle,
      boolean skipVerify,
      boolean tigris,
      S3Credentials credentials,
      @Nullable AwsCredentialsProvider provider) {

    /**
     * @param provider used instead of the URL's credentials, and never closed; null without
     */
    static Key of(S3Url url, String region, @Nullable AwsCredentialsProvider provider) {
      return new Key(
          url.endpoint(),
          region,
          url.pathStyle(),
          url.skipVerify(),
          url.tigris(),
          url.credentials(),
          provider);
    }

    /** Without the provider, whose text may be anything. */
    @Override
    public String toString() {
      return "Key[" + endpoint + ", " + region + ", " + credentials + "]";
    }
  }

  private static final class Shared {
    private final S3Access access;
    private int users;

    private Shared(S3Access access) {
      this.access = access;
    }
  }

  /** At least as many as ranges are read in parallel. */
  private static final int MAX_CONNECTIONS = 128;

  /** A first packet that was lost is sent again after 1 s and after 3 s. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Only a backstop: every call has a deadline. */
  private static final Duration SOCKET_TIMEOUT = Duration.ofMinutes(2);

  private static final Map<Key, Shared> CLIENTS = new HashMap<>();

  private S3Clients() {}

  /** A client of that kind. Each call is matched by one of {@link #release}. */
  static S3Access acquire(Key key) {
    synchronized (CLIENTS) {
      Shared shared = CLIENTS.computeIfAbsent(key, k -> new Shared(build(k)));
      shared.users++;
      return shared.access;
    }
  }

  /** Closes the client when this was its last user. */
  static void release(Key key) {
    Shared last = null;
    synchronized (CLIENTS) {
      Shared shared = CLIENTS.get(key);
      if (shared != null && --shared.users == 0) {
        last = CLIENTS.remove(key);
      }
    }
    if (last != null) {
      last.access.close();
    }
  }

  private static S3Access build(Key key) {
    RenewableCredentials credentials = credentials(key);
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(key.region))
            .credentialsProvider(credentials::resolve)
            .httpClientBuilder(defaults -> http(key.skipVerify))
            .forcePathStyle(key.pathStyle)
            .serviceConfiguration(S3Configuration.builder().useArnRegionEnabled(true).build())
            // Other servers than AWS fail on, or leave out, the checksums that the SDK would add.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(
                o -> {
                  o.retryStrategy(AwsRetryStrategy.doNotRetry());
                  if (key.tigris) {
                    o.putHeader("X-Tigris-Consistent", "true");
                  }
                });
    if (key.endpoint != null) {
      builder.endpointOverride(key.endpoint);
    }
    return new S3Access(builder.build(), credentials);
  }

  private static SdkHttpClient http(boolean skipVerify) {
    return Apache5HttpClient.builder()
        .maxConnections(MAX_CONNECTIONS)
        .connectionTimeout(CONNECT_TIMEOUT)
        .socketTimeout(SOCKET_TIMEOUT)
        .buildWithDefaults(
            AttributeMap.builder()
                .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, skipVerify)
                .build());
  }

  private static RenewableCredentials credentials(Key key) {
    AwsCredentialsProvider given = key.provider;
    return given == null
        ? new RenewableCredentials(() -> provider(key.credentials), true, System::nanoTime)
        : new RenewableCredentials(() -> given, false, System::nanoTime);
  }

  private static AwsCredentialsProvider provider(S3Credentials credentials) {
    if (credentials.profile() != null) {
      return ProfileCredentialsProvider.create(credentials.profile());
    }
    S3Credentials.Keys keys = credentials.keys();
    if (keys == null) {
      return DefaultCredentialsProvider.builder().build();
    }
    String token = keys.sessionToken();
    return StaticCredentialsProvider.create(
        token == null
            ? AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey())
            : AwsSessionCredentials.create(keys.accessKeyId(), keys.secretAccessKey(), token));
  }
}

package io.litestream.testkit.server;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A running S3 server: path style, plain HTTP, region us-east-1, one user. Thread-safe. */
public interface S3Server extends AutoCloseable {

  /** The only region. */
  String REGION = "us-east-1";

  /** Where it listens, without a path. */
  URI endpoint();

  String accessKey();

  String secretKey();

  /** Which server this is, for a log line. */
  String describe();

  /** A client with this server's keys; the caller closes it. */
  default S3Client client() {
    return client(endpoint());
  }

  /**
   * A client that reaches this server by another endpoint, such as a proxy's; the caller closes it.
   */
  default S3Client client(URI endpoint) {
    return S3Client.builder()
        .httpClientBuilder(Apache5HttpClient.builder())
        .endpointOverride(endpoint)
        .region(Region.of(REGION))
        .forcePathStyle(true)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey(), secretKey())))
        .build();
  }

  /** Makes a bucket; its name has 3 to 63 characters. */
  default void createBucket(String name) {
    try (S3Client s3 = client()) {
      s3.createBucket(b -> b.bucket(name));
    }
  }

  /** A replica's URL as Litestream takes it, without keys. */
  default String replicaUrl(String bucket, String path) {
    return replicaUrl(endpoint(), bucket, path);
  }

  /** The same by another endpoint. */
  default String replicaUrl(URI endpoint, String bucket, String path) {
    String encoded = URLEncoder.encode(endpoint.toString(), StandardCharsets.UTF_8);
    return "s3://" + bucket + "/" + path + "?endpoint=" + encoded + "&forcePathStyle=true";
  }

  @Override
  void close();
}

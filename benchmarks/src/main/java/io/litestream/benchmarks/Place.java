package io.litestream.benchmarks;

import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.TestServers;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Where a replica is.
 *
 * @param url as {@code replica_url}
 */
record Place(String url) {

  static Place directory(Dataset data) {
    return new Place(data.replica().toUri().toString());
  }

  /** A new bucket with the replica, on MinIO where there is one, else on S3Proxy in this JVM. */
  static Place bucket(Dataset data) {
    if (System.getenv("AWS_ACCESS_KEY_ID") != null) {
      throw new IllegalStateException(
          "AWS_ACCESS_KEY_ID is set and would be used for the benchmark's own server; unset it");
    }
    S3Server server = TestServers.any();
    // The AWS SDK finds them here when the environment has none.
    System.setProperty("aws.accessKeyId", server.accessKey());
    System.setProperty("aws.secretAccessKey", server.secretKey());
    String bucket = TestServers.newBucket();
    try (S3Client s3 = server.client()) {
      s3.putObject(
          b -> b.bucket(bucket).key("items/" + Dataset.SNAPSHOT),
          RequestBody.fromFile(data.replica().resolve(Dataset.SNAPSHOT)));
    }
    return new Place(server.replicaUrl(bucket, "items"));
  }
}

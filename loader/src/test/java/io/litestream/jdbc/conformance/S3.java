package io.litestream.jdbc.conformance;

import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.TestServers;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The tests' S3 server with its keys where the AWS SDK looks for them: in system properties, as a
 * JVM cannot set its own environment.
 */
final class S3 implements BeforeAllCallback, AfterAllCallback {

  private static final String ID = "aws.accessKeyId";
  private static final String SECRET = "aws.secretAccessKey";

  static S3Server server() {
    return TestServers.any();
  }

  /** Puts a primary's replica into a bucket, in the layout of directories. */
  static void upload(S3Client s3, String bucket, String place, SqlitePrimary primary) {
    for (Path file : primary.files()) {
      String key = place + "/" + primary.replica().relativize(file);
      s3.putObject(b -> b.bucket(bucket).key(key), RequestBody.fromFile(file));
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    System.setProperty(ID, server().accessKey());
    System.setProperty(SECRET, server().secretKey());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.clearProperty(ID);
    System.clearProperty(SECRET);
  }
}

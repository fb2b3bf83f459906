package io.litestream.jdbc.conformance;

import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.TestServers;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

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

  /** Makes a place in a bucket equal to a primary's replica, in the layout of directories. */
  static void mirror(S3Client s3, String bucket, String place, SqlitePrimary primary) {
    Set<String> kept = upload(s3, bucket, place, primary);
    for (S3Object object : s3.listObjectsV2(b -> b.bucket(bucket)).contents()) {
      if (!kept.contains(object.key())) {
        s3.deleteObject(b -> b.bucket(bucket).key(object.key()));
      }
    }
  }

  /** Puts a primary's files beside what is there already, and gives their keys. */
  static Set<String> upload(S3Client s3, String bucket, String place, SqlitePrimary primary) {
    Set<String> keys = new HashSet<>();
    for (Path file : primary.files()) {
      String key = place + "/" + primary.replica().relativize(file);
      keys.add(key);
      s3.putObject(b -> b.bucket(bucket).key(key), RequestBody.fromFile(file));
    }
    return keys;
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

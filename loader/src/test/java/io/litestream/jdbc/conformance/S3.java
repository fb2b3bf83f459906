package io.litestream.jdbc.conformance;

import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.TestServers;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

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

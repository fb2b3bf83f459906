package io.litestream.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.testkit.fixture.Expected;
import io.litestream.testkit.fixture.Fixture;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3ServerTest {

  @Test
  void inProcessServerServes() {
    try (S3Server server = S3ProxyServer.start()) {
      serves(server);
    }
  }

  @Test
  void minioServes() {
    try (S3Server server = Minio.require("The test of the MinIO program")) {
      serves(server);
    }
  }

  @Test
  void minioInAContainerServes() {
    try (S3Server server = MinioContainer.require("The test of MinIO in a container")) {
      serves(server);
    }
  }

  @Test
  void fixturesAreUploadedWithTheirMetadata() throws Exception {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = TestServers.any().client()) {
      for (String name : new String[] {"features-s3", "page-512-file"}) {
        Fixture fixture = Fixture.named(name);
        String root = fixture.upload(s3, bucket, name + "/");
        assertThat(root)
            .isEqualTo(name.equals("features-s3") ? "features-s3/app" : "page-512-file");
        for (Expected.File f : fixture.expected().files()) {
          String key = root + "/" + f.key().path(fixture.expected().layout());
          var head = s3.headObject(b -> b.bucket(bucket).key(key));
          assertThat(head.contentLength()).isEqualTo(f.size());
          assertThat(head.metadata()).containsKey("litestream-timestamp");
        }
      }
    }
  }

  private static void serves(S3Server server) {
    server.createBucket("some-bucket");
    try (S3Client s3 = server.client()) {
      s3.putObject(
          b -> b.bucket("some-bucket").key("a/b").metadata(Map.of("litestream-timestamp", "x")),
          RequestBody.fromString("0123456789"));
      var part = s3.getObjectAsBytes(b -> b.bucket("some-bucket").key("a/b").range("bytes=2-4"));
      assertThat(part.asUtf8String()).isEqualTo("234");
      assertThat(part.response().metadata()).containsEntry("litestream-timestamp", "x");
      String tag = part.response().eTag();
      assertThatThrownBy(
              () -> s3.getObject(b -> b.bucket("some-bucket").key("a/b").ifMatch("\"other\"")))
          .isInstanceOfSatisfying(
              S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(412));
      assertThat(
              s3.getObjectAsBytes(b -> b.bucket("some-bucket").key("a/b").ifMatch(tag))
                  .asUtf8String())
          .hasSize(10);
      var listing = s3.listObjectsV2(b -> b.bucket("some-bucket").prefix("a/").startAfter("a/a"));
      assertThat(listing.contents()).singleElement().matches(o -> o.key().equals("a/b"));
    }
  }
}

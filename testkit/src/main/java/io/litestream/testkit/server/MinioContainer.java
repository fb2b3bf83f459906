package io.litestream.testkit.server;

import io.litestream.testkit.Requires;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * MinIO in a container, by Testcontainers. MinIO's own image is no longer published under its name,
 * so the image is what {@link #VARIABLE} names.
 */
public final class MinioContainer implements S3Server {

  /** Names the image. */
  public static final String VARIABLE = "LITESTREAM_TEST_MINIO_IMAGE";

  private final MinIOContainer container;

  private MinioContainer(MinIOContainer container) {
    this.container = container;
  }

  /** Whether there is an image to use and a Docker to run it. */
  public static boolean available() {
    return image() != null && DockerClientFactory.instance().isDockerAvailable();
  }

  /** Starts a container; without image or Docker, the calling test does not run, not even in CI. */
  public static MinioContainer require(String what) {
    Requires.optional(
        image() != null, what, VARIABLE + " is not set", "set it to the name of a MinIO image");
    Requires.optional(available(), what, "there is no Docker here", "start Docker");
    return start();
  }

  /** Starts a container. */
  public static MinioContainer start() {
    String image = image();
    if (image == null) {
      throw new IllegalStateException(VARIABLE + " is not set");
    }
    MinIOContainer container =
        new MinIOContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("minio/minio"));
    container.start();
    return new MinioContainer(container);
  }

  private static @Nullable String image() {
    String image = System.getenv(VARIABLE);
    return image == null || image.isBlank() ? null : image;
  }

  @Override
  public URI endpoint() {
    return URI.create(container.getS3URL());
  }

  @Override
  public String accessKey() {
    return container.getUserName();
  }

  @Override
  public String secretKey() {
    return container.getPassword();
  }

  @Override
  public String describe() {
    return "MinIO in a container of " + container.getDockerImageName();
  }

  @Override
  public void close() {
    container.stop();
  }
}

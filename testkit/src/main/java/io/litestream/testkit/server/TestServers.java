package io.litestream.testkit.server;

import io.litestream.testkit.Requires;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The S3 server that this JVM's tests share, and buckets on it. */
public final class TestServers {

  private static final AtomicInteger BUCKETS = new AtomicInteger();

  private TestServers() {}

  /**
   * The best server there is: a MinIO program, MinIO in a container, else S3Proxy in this JVM.
   * Started once, stopped when the JVM ends; one line on standard error says which. S3Proxy's
   * threads keep a JVM alive: a program that is no test starts its own server and closes it.
   */
  public static S3Server any() {
    return Shared.SERVER;
  }

  /** A new, empty bucket of the shared server. */
  public static String newBucket() {
    String name = "test-" + ProcessHandle.current().pid() + "-" + BUCKETS.incrementAndGet();
    any().createBucket(name);
    return name;
  }

  private static S3Server start() {
    Optional<Path> minio = Requires.find(Minio.VARIABLE);
    S3Server server;
    if (minio.isPresent()) {
      server = Minio.start(minio.get());
    } else if (MinioContainer.available()) {
      server = MinioContainer.start();
    } else {
      server = S3ProxyServer.start();
    }
    System.err.println("S3 tests run on " + server.describe() + ", " + server.endpoint() + ".");
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    return server;
  }

  private static final class Shared {
    static final S3Server SERVER = start();
  }
}

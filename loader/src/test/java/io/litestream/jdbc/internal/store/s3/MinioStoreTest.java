package io.litestream.jdbc.internal.store.s3;

import io.litestream.testkit.Requires;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class MinioStoreTest extends S3StoreContract {

  private static Process server;
  private static int port;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    Path program =
        Requires.program("LITESTREAM_TEST_MINIO", "The store's tests against MinIO", "build MinIO");
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ProcessBuilder minio =
        new ProcessBuilder(
                program.toString(),
                "server",
                directory.toString(),
                "--address",
                "127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    minio.environment().put("MINIO_ROOT_USER", ACCESS_KEY);
    minio.environment().put("MINIO_ROOT_PASSWORD", SECRET_KEY);
    server = minio.start();
    while (server.isAlive()) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new IllegalStateException("MinIO ended with " + server.exitValue());
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.destroy();
      server.waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Override
  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }
}

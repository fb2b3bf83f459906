package io.litestream.testkit.server;

import io.litestream.testkit.Requires;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A MinIO program on a free port of 127.0.0.1, with its data in a directory that goes when it is
 * closed.
 */
public final class Minio implements S3Server {

  /** Names the program. */
  public static final String VARIABLE = "LITESTREAM_TEST_MINIO";

  private static final String USER = "minioadmin";
  private static final String PASSWORD = "minioadmin";
  private static final Duration START = Duration.ofSeconds(60);
  private static final long POLL_MS = 50;
  private static final long STOP_SECONDS = 10;

  private final Process process;
  private final Path directory;
  private final URI endpoint;

  private Minio(Process process, Path directory, URI endpoint) {
    this.process = process;
    this.directory = directory;
    this.endpoint = endpoint;
  }

  /**
   * Starts the program that {@link #VARIABLE} names; without one, the calling test does not run.
   */
  public static Minio require(String what) {
    return start(
        Requires.program(VARIABLE, what, "build MinIO (go install github.com/minio/minio@latest)"));
  }

  /** Starts a program. Returns when it answers. */
  public static Minio start(Path program) {
    try {
      Path directory = Files.createTempDirectory("minio");
      String address = "127.0.0.1:" + freePort();
      Path log = directory.resolve("log");
      ProcessBuilder builder =
          new ProcessBuilder(
              program.toString(),
              "server",
              directory.resolve("data").toString(),
              "--address",
              address);
      builder
          .environment()
          .putAll(
              Map.of(
                  "MINIO_ROOT_USER",
                  USER,
                  "MINIO_ROOT_PASSWORD",
                  PASSWORD,
                  "MINIO_BROWSER",
                  "off"));
      Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      Minio minio = new Minio(process, directory, URI.create("http://" + address));
      if (!minio.answers()) {
        String said = Files.readString(log);
        minio.close();
        throw new IllegalStateException(program + " does not answer on " + address + ": " + said);
      }
      return minio;
    } catch (IOException e) {
      throw new UncheckedIOException(program + " does not start", e);
    }
  }

  private boolean answers() {
    HttpRequest ready = HttpRequest.newBuilder(endpoint.resolve("/minio/health/ready")).build();
    // Answered by 503 for a while after MinIO calls itself ready, then by 403: it is not signed.
    HttpRequest buckets = HttpRequest.newBuilder(endpoint.resolve("/")).build();
    long end = System.nanoTime() + START.toNanos();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (process.isAlive() && System.nanoTime() < end) {
        try {
          if (status(client, ready) == 200 && status(client, buckets) == 403) {
            return true;
          }
        } catch (IOException e) {
          // Not listening yet.
        }
        Thread.sleep(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private static int status(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public URI endpoint() {
    return endpoint;
  }

  @Override
  public String accessKey() {
    return USER;
  }

  @Override
  public String secretKey() {
    return PASSWORD;
  }

  @Override
  public String describe() {
    return "MinIO, the program that " + VARIABLE + " names";
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

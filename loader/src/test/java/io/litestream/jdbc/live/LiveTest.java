package io.litestream.jdbc.live;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.testkit.litestream.Litestream;
import io.litestream.testkit.litestream.Litestream.Release;
import io.litestream.testkit.server.Minio;
import io.litestream.testkit.server.MinioContainer;
import io.litestream.testkit.server.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real Litestream releases replicate to a directory and to MinIO while connections read: a minute
 * each, all at once.
 */
class LiveTest {

  /** One line of what did not run for each program that is missing. */
  private static final String WHAT = "The live tests against real servers";

  private static final Duration TIME = Duration.ofSeconds(65);
  private static final Duration SHORT_TIME = Duration.ofSeconds(10);

  /** What writes where. */
  enum Setup {
    CURRENT_TO_DIRECTORY(Release.CURRENT, false),
    CURRENT_TO_MINIO(Release.CURRENT, true),
    OLD_TO_DIRECTORY(Release.OLD, false),
    OLD_TO_MINIO(Release.OLD, true);

    private final Release release;
    private final boolean s3;

    Setup(Release release, boolean s3) {
      this.release = release;
      this.s3 = s3;
    }
  }

  @TempDir static Path directory;

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();
  private static final Map<Setup, Future<String>> RUNS = new EnumMap<>(Setup.class);
  private static long cacheLimit;

  @BeforeAll
  static void startAll() throws SQLException {
    try (Connection any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      io.litestream.jdbc.Litestream.load(any);
    }
    cacheLimit = NativeCore.stats().cacheLimit();
    for (Setup setup : Setup.values()) {
      RUNS.put(setup, THREADS.submit(() -> run(setup)));
    }
  }

  @AfterAll
  static void stop() {
    THREADS.shutdownNow();
    NativeCore.cacheLimit(cacheLimit); // which its readers change, for the whole process
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
  }

  @ParameterizedTest
  @EnumSource
  void everyTransactionSeesOneStateOfThePrimary(Setup setup) throws Throwable {
    try {
      String figures = Objects.requireNonNull(RUNS.get(setup)).get();
      System.err.println("The live test " + setup + " checked " + figures + ".");
    } catch (ExecutionException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  @Test
  void readsFromMinioInAContainer() throws Exception {
    String what = "The live test with MinIO in a container";
    Litestream litestream = Litestream.require(Release.CURRENT, what);
    try (S3Server server = MinioContainer.require(what)) {
      Path home = Files.createDirectory(directory.resolve("container"));
      String figures = onServer(server, litestream, home, false, SHORT_TIME);
      System.err.println(what + " checked " + figures + ".");
    }
  }

  private static String run(Setup setup) throws Exception {
    Litestream litestream = Litestream.require(setup.release, WHAT);
    Path home = Files.createDirectory(directory.resolve(setup.name()));
    boolean rests = setup.release == Release.OLD;
    if (!setup.s3) {
      String url = "file://" + home.resolve("replica");
      return new Scenario(home, litestream, url, rests, 0, Duration.ofMillis(250), TIME).run();
    }
    try (S3Server server = Minio.require(WHAT)) {
      return onServer(server, litestream, home, rests, TIME);
    }
  }

  private static String onServer(
      S3Server server, Litestream litestream, Path home, boolean rests, Duration time)
      throws Exception {
    // Where the environment has no keys, the AWS SDK looks here; all servers have the same.
    System.setProperty("aws.accessKeyId", server.accessKey());
    System.setProperty("aws.secretAccessKey", server.secretKey());
    server.createBucket("live");
    String url = server.replicaUrl("live", "some/app");
    Duration poll = Duration.ofSeconds(1);
    return new Scenario(home, litestream.with(server), url, rests, 1000, poll, time).run();
  }
}

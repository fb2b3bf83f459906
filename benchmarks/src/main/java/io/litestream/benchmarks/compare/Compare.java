package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.Minio;
import io.litestream.testkit.server.S3Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Measures this library beside the other ways to read a replica, and writes {@code results.md},
 * {@code results.json} and charts. See benchmarks/README.md.
 */
public final class Compare {

  /** Of one part: many times what any of them takes. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Options options;
  private final Path data;
  private final Results results;
  private @Nullable S3Server minio;

  /** What MinIO has. */
  private final Set<Sample> complete = new HashSet<>();

  private Compare(Options options, Results results) {
    this.options = options;
    this.results = results;
    data = options.data();
  }

  /**
   * @param args of the form {@code name=value}
   */
  public static void main(String[] args) throws Exception {
    Options options = Options.parse(args);
    Results results = new Results(Setting.here(options), Plan.of(options), options.leftOut());
    new Compare(options, results).all();
    System.err.println("Results are in " + options.results());
    System.exit(0); // the threads of clients
  }

  /** Writes what is known after each part: a run that is stopped is not lost. */
  private void all() throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      results.took(Duration.ofNanos(System.nanoTime() - start));
      new Report(results).write(options.results());
      Run run = results.next();
      if (run == null) {
        return;
      }
      long began = System.nanoTime();
      try {
        run(run);
      } catch (IOException | RuntimeException e) {
        results.failed(run, e.toString());
      }
      results.ended(run, Duration.ofNanos(System.nanoTime() - began));
    }
  }

  private void run(Run run) throws IOException, InterruptedException {
    // Made here, before a clock runs.
    Sample sample = run.part().sample(data);
    S3Server filled = run.store().equals(Names.MINIO) ? minio() : null;
    if (filled != null && complete.add(sample)) {
      MinioStore.fill(filled, sample);
    }
    int port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(command(run, filled, port))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    environment(builder.environment(), run, sample, reader(port, filled));
    Process child = builder.start();
    child
        .onExit()
        .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .exceptionally(e -> child.destroyForcibly());
    String failure = "";
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (Cost.isLine(line)) {
          results.add(Cost.parse(line));
        } else if (line.startsWith(Child.FAILED)) {
          failure = line.substring(Child.FAILED.length());
        }
      }
    }
    if (child.waitFor() != 0) {
      complete.remove(sample); // it may have left additions there
      results.failed(
          run, failure.isEmpty() ? "ended with exit code " + child.exitValue() : failure);
    }
  }

  private List<String> command(Run run, @Nullable S3Server filled, int port) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        Child.class.getName(),
        run.contender(),
        run.part().name(),
        run.store(),
        Long.toString(run.delayMs()),
        filled == null ? "" : filled.endpoint().toString(),
        Integer.toString(port),
        data.toString(),
        run.contender().equals(Names.RESTORE) ? options.litestream() : options.extension());
  }

  /** What a contender reads from: the server or proxy that the child will start. */
  private static S3Server reader(int port, @Nullable S3Server behind) {
    URI endpoint = URI.create("http://127.0.0.1:" + port);
    return behind == null
        ? new Endpoint(endpoint, "any", "any")
        : new Endpoint(endpoint, behind.accessKey(), behind.secretKey());
  }

  /** Upstream's extension is configured by the environment only. */
  private void environment(
      Map<String, String> environment, Run run, Sample sample, S3Server server) {
    environment.put("AWS_ACCESS_KEY_ID", server.accessKey());
    environment.put("AWS_SECRET_ACCESS_KEY", server.secretKey());
    environment.put("AWS_REGION", S3Server.REGION);
    if (run.contender().equals(Names.OURS)) {
      return;
    }
    environment.put("LITESTREAM_REPLICA_URL", server.replicaUrl(Store.bucket(sample), Store.PATH));
    environment.put("LITESTREAM_LOG_FILE", data.resolve("extension.log").toString());
    environment.remove("AWS_CA_BUNDLE");
    if (run.contender().equals(Names.HYDRATED)) {
      environment.put("LITESTREAM_HYDRATION_ENABLED", "true");
    }
  }

  /** Runs until this process ends. */
  private S3Server minio() {
    S3Server running = minio;
    if (running == null) {
      running = Minio.start(Path.of(options.minio()));
      Runtime.getRuntime().addShutdownHook(new Thread(running::close));
      minio = running;
    }
    return running;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}

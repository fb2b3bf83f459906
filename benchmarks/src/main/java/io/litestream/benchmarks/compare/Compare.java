package io.litestream.benchmarks.compare;

import io.litestream.benchmarks.compare.Child.Part;
import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.S3Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures this library beside the other ways to read a replica, and writes {@code results.md},
 * {@code results.json} and charts. See benchmarks/README.md.
 *
 * <p>Arguments are of the form {@code name=value}: {@code data} and {@code results} are
 * directories, {@code litestream} the program and {@code extension} upstream's, without which their
 * contenders are left out; {@code parts} names the parts to run, all by default.
 */
public final class Compare {

  /** Milliseconds: a region of S3 away from the reader, and one for counting round trips. */
  private static final long S3 = 20;

  private static final long FAR = 200;
  private static final long NEAR = 0;
  private static final int ROUNDS = 3;
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private final Path data;
  private final Path results;
  private final Map<String, String> setting;
  private final String extension;
  private final String parts;
  private final List<Cost> costs = new ArrayList<>();

  private Compare(Map<String, String> options) throws IOException, InterruptedException {
    setting = Setting.here(options);
    results = Path.of(options.getOrDefault("results", "target/results"));
    data = Path.of(options.getOrDefault("data", "target/data")).toAbsolutePath();
    extension = options.getOrDefault("extension", "");
    parts = options.getOrDefault("parts", "");
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (String arg : args) {
      String[] pair = arg.split("=", 2);
      if (pair.length < 2) {
        throw new IllegalArgumentException(arg + ": expected name=value");
      }
      options.put(pair[0], pair[1]);
    }
    Compare compare = new Compare(options);
    compare.run(options.getOrDefault("litestream", ""));
    System.err.println("Results are in " + compare.results.toAbsolutePath());
    System.exit(0); // the stubs' threads
  }

  private void run(String program) throws Exception {
    for (Part part : Part.values()) {
      if (wanted(part.name())) {
        Sample.in(data, part.table(), part.shape());
      }
    }
    ours();
    upstream();
    if (!program.isEmpty() && wanted("RESTORE")) {
      add(new Restores(Path.of(program), data).run(S3));
    }
    run(Names.OURS, Part.WARM, NEAR);
    run(Names.OURS, Part.WARM_LARGE, NEAR);
    if (!extension.isEmpty()) {
      run(Names.UPSTREAM, Part.WARM, NEAR);
      run(Names.HYDRATED, Part.WARM, NEAR);
      run(Names.UPSTREAM, Part.WARM_LARGE, NEAR);
    }
  }

  /** Writes what is known so far: a run that is stopped is not lost. */
  private void add(List<Cost> more) throws IOException {
    costs.addAll(more);
    Files.createDirectories(results);
    new Report(costs, setting).write(results);
  }

  private boolean wanted(String part) {
    return parts.isEmpty() || List.of(parts.split(",", -1)).contains(part);
  }

  private void ours() throws IOException, InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      run(Names.OURS, Part.START, S3);
      run(Names.OURS, Part.SNAP, S3);
      run(Names.OURS, Part.SCAN, S3);
      run(Names.OURS, Part.SCAN, NEAR);
      run(Names.OURS, Part.STEADY, S3);
    }
    for (Part part : List.of(Part.SNAP, Part.SCAN, Part.STEADY, Part.LARGE, Part.HUGE)) {
      run(Names.OURS, part, FAR);
    }
    for (Part part :
        List.of(Part.STEADY_RANDOM, Part.LIVE, Part.STREAMING, Part.LARGE, Part.HUGE)) {
      run(Names.OURS, part, S3);
    }
  }

  private void upstream() throws IOException, InterruptedException {
    if (extension.isEmpty()) {
      return;
    }
    for (Part part :
        List.of(Part.START, Part.SNAP, Part.STEADY, Part.STEADY_RANDOM, Part.LIVE, Part.LARGE)) {
      run(Names.UPSTREAM, part, S3);
    }
    // At 20 ms it takes minutes, all of them waiting: counted here, calculated in the report.
    run(Names.UPSTREAM, Part.SCAN, NEAR);
    run(Names.HYDRATED, Part.STREAMING, S3);
  }

  private void run(String contender, Part part, long delayMs)
      throws IOException, InterruptedException {
    if (!wanted(part.name())) {
      return;
    }
    int port = freePort();
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            contender,
            part.name(),
            Long.toString(delayMs),
            Integer.toString(port),
            data.toString(),
            extension);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    if (!contender.equals(Names.OURS)) {
      environment(builder.environment(), port, contender.equals(Names.HYDRATED));
    }
    Process child = builder.start();
    child
        .onExit()
        .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .exceptionally(e -> destroy(child));
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      add(lines.lines().filter(Cost::isLine).map(Cost::parse).toList());
    }
    if (child.waitFor() != 0) {
      System.err.println(contender + ", " + part + ": exit code " + child.exitValue());
      add(List.of(Cost.failure(contender, part.name().toLowerCase(Locale.ROOT), delayMs)));
    }
  }

  private static Process destroy(Process child) {
    return child.destroyForcibly();
  }

  /** Upstream's extension is configured by the environment only. */
  private void environment(Map<String, String> environment, int port, boolean hydrated) {
    S3Server server = new Address(URI.create("http://127.0.0.1:" + port));
    environment.put("LITESTREAM_REPLICA_URL", server.replicaUrl(Bucket.NAME, "db"));
    environment.put("LITESTREAM_LOG_FILE", data.resolve("extension.log").toString());
    environment.put("AWS_ACCESS_KEY_ID", server.accessKey());
    environment.put("AWS_SECRET_ACCESS_KEY", server.secretKey());
    environment.put("AWS_REGION", S3Server.REGION);
    environment.remove("AWS_CA_BUNDLE");
    if (hydrated) {
      environment.put("LITESTREAM_HYDRATION_ENABLED", "true");
    }
  }

  /** A server that the child will start. */
  private record Address(URI endpoint) implements S3Server {

    @Override
    public String accessKey() {
      return "any";
    }

    @Override
    public String secretKey() {
      return "any";
    }

    @Override
    public String describe() {
      return endpoint.toString();
    }

    @Override
    public void close() {
      // It is the child's.
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}

package io.litestream.testkit.litestream;

import io.litestream.testkit.Requires;
import io.litestream.testkit.server.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Litestream program: replicates a database in the background, and restores from replicas.
 * Immutable.
 *
 * @param program the executable
 * @param environment added to this process's, such as S3 keys
 */
public record Litestream(Path program, Map<String, String> environment) {

  private static final long RESTORE_SECONDS = 120;

  /** The releases that differ in what they write. */
  public enum Release {
    /** 0.5.16 or later: LZ4 blocks. */
    CURRENT("LITESTREAM_TEST_LITESTREAM", "v0.5.18"),
    /** Up to 0.5.14: LZ4 frames, and snapshots that can be ahead of their names. */
    OLD("LITESTREAM_TEST_LITESTREAM_OLD", "v0.5.10");

    private final String variable;
    private final String version;

    Release(String variable, String version) {
      this.variable = variable;
      this.version = version;
    }
  }

  /**
   * The program that the release's environment variable names; without one, the calling test does
   * not run.
   */
  public static Litestream require(Release release, String what) {
    String remedy =
        "build Litestream (go install github.com/benbjohnson/litestream/cmd/litestream@"
            + release.version
            + ")";
    return new Litestream(Requires.program(release.variable, what, remedy), Map.of());
  }

  /** The same program with the keys of an S3 server. */
  public Litestream with(S3Server server) {
    return new Litestream(
        program,
        Map.of(
            "AWS_ACCESS_KEY_ID", server.accessKey(),
            "AWS_SECRET_ACCESS_KEY", server.secretKey(),
            "AWS_REGION", S3Server.REGION));
  }

  /**
   * Starts replicating. The configuration is written beside the database as {@code NAME.yml}, the
   * log as {@code NAME.log} (appended to).
   *
   * @param url the replica's
   */
  public LitestreamProcess replicate(Path database, String url, Schedule schedule)
      throws IOException {
    Path configuration = database.resolveSibling(database.getFileName() + ".yml");
    Path log = database.resolveSibling(database.getFileName() + ".log");
    Files.writeString(configuration, schedule.configuration(database, url));
    Process process =
        command(List.of("replicate", "-config", configuration.toString()))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new LitestreamProcess(process, log);
  }

  /** Restores the newest state. */
  public Restored restore(String url, Path to) throws IOException, InterruptedException {
    return restore(url, to, null, null);
  }

  /** Restores the state of a TXID. */
  public Restored restoreTxid(String url, Path to, long txid)
      throws IOException, InterruptedException {
    return restore(url, to, "-txid", String.format("%016x", txid));
  }

  /** Restores the newest state strictly before an instant. */
  public Restored restoreBefore(String url, Path to, Instant instant)
      throws IOException, InterruptedException {
    return restore(url, to, "-timestamp", instant.toString());
  }

  /** What the program says its version is. */
  public String version() throws IOException, InterruptedException {
    Process process = command(List.of("version")).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor();
    return said;
  }

  /**
   * How a restore went.
   *
   * @param done whether there is a database now
   * @param output what the program said
   */
  public record Restored(boolean done, String output) {}

  private Restored restore(String url, Path to, @Nullable String option, @Nullable String value)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("restore"));
    if (option != null && value != null) {
      arguments.addAll(List.of(option, value));
    }
    arguments.addAll(List.of("-o", to.toString(), url));
    Path output = Files.createTempFile("restore", ".log");
    try {
      Process process = command(arguments).redirectOutput(output.toFile()).start();
      if (!process.waitFor(RESTORE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      return new Restored(process.exitValue() == 0 && Files.exists(to), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }

  private ProcessBuilder command(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    // Litestream brings an HTTP client of its own, which makes the AWS SDK refuse to start with a
    // CA bundle.
    builder.environment().remove("AWS_CA_BUNDLE");
    return builder;
  }
}

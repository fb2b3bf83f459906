package io.litestream.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that ran to its end. */
record Command(int exit, String output) {

  private static final long LIMIT_MINUTES = 10;

  /**
   * Runs it.
   *
   * @param log keeps what it prints, errors included
   * @param environment added to this process's own
   */
  static Command run(Path log, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IOException(
            command + " still runs after " + LIMIT_MINUTES + " minutes; its output: " + text(log));
      }
    } finally {
      process.destroyForcibly();
    }
    return new Command(process.exitValue(), text(log));
  }

  private static String text(Path log) throws IOException {
    return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
  }
}

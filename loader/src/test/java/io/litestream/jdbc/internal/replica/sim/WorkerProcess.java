package io.litestream.jdbc.internal.replica.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A {@link SimWorker} that was started from a test. */
final class WorkerProcess {

  /**
   * How it ended.
   *
   * @param code 0 when no run failed
   * @param output all that it printed
   */
  record End(int code, String output) {}

  private final Process process;

  private WorkerProcess(Process process) {
    this.process = process;
  }

  /**
   * What to run.
   *
   * @param ranges whether files are read in ranges, as large ones are
   */
  record Task(
      Defect defect, long seed, boolean one, long transactions, long seconds, boolean ranges) {}

  /**
   * Starts one.
   *
   * @param libraryProperty which of the build's native libraries it uses
   */
  static WorkerProcess start(String libraryProperty, Task task) {
    String library =
        Objects.requireNonNull(
            System.getProperty(libraryProperty), libraryProperty + " is set by the build");
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlitestream.native.path=" + library,
            "-cp",
            classPath,
            SimWorker.class.getName(),
            task.defect().name(),
            Long.toString(task.seed()),
            task.one() ? "one" : "many",
            Long.toString(task.transactions()),
            Long.toString(task.seconds()),
            task.ranges() ? "ranges" : "files");
    try {
      return new WorkerProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for its end; its own bound on time is the only one. */
  End end() throws InterruptedException {
    try {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new End(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}

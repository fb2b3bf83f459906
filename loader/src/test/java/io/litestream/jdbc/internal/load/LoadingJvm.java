package io.litestream.jdbc.internal.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts {@link LoadingProgram} in JVMs of their own. */
final class LoadingJvm {

  /** Much more than a start takes, and less than a build may hang. */
  private static final long LIMIT_SECONDS = 120;

  private static final List<String> OWN =
      List.of(
          "io/litestream/jdbc/internal/load/NativeLibrary.class",
          "io/litestream/jdbc/internal/load/LoadingProgram.class",
          "META-INF/native");

  private LoadingJvm() {}

  /**
   * The command line.
   *
   * @param classPath for the program
   * @param properties system properties
   * @param mode one of the program's
   */
  static List<String> command(String classPath, Map<String, String> properties, String mode) {
    List<String> command = new ArrayList<>();
    command.add(java());
    // A short life: no more of the compiler than it needs.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.add("--enable-native-access=ALL-UNNAMED");
    properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(List.of("-cp", classPath, LoadingProgram.class.getName(), mode));
    return command;
  }

  /** The program that runs this JVM. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** This JVM's class path. */
  static String classPath() {
    return System.getProperty("java.class.path");
  }

  /** What of the class path the library alone needs: directories, or jars. */
  static String ownClassPath() {
    return Stream.of(classPath().split(File.pathSeparator))
        .filter(entry -> OWN.stream().anyMatch(resource -> has(entry, resource)))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean has(String entry, String resource) {
    Path path = Path.of(entry);
    if (entry.isEmpty() || !Files.exists(path)) {
      return false;
    }
    if (Files.isDirectory(path)) {
      return Files.exists(path.resolve(resource));
    }
    try (JarFile jar = new JarFile(path.toFile())) {
      return jar.getEntry(resource) != null;
    } catch (IOException e) {
      throw new AssertionError(entry, e);
    }
  }

  /** Whether a command exists, and ends well. */
  static boolean succeeds(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a command to its end; what it prints, errors included. */
  static String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Names of files that are not ASCII.
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(output).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}

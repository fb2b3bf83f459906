package io.litestream.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs beyond the build: programs named by environment variables. Where one is
 * missing, one line on standard error says what did not run and what to do, and the test is
 * aborted; with {@code CI=true} it fails.
 */
public final class Requires {

  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private Requires() {}

  /**
   * The program that an environment variable names.
   *
   * @param what what does not run without it, as the beginning of a sentence: "The live tests
   *     against MinIO"
   * @param remedy how to get the program, an imperative without a full stop
   */
  public static Path program(String variable, String what, String remedy) {
    Optional<Path> program = find(variable);
    check(
        program.isPresent(),
        what,
        variable + " names no program that can be run",
        remedy + ", and set " + variable + " to its path");
    return program.orElseThrow();
  }

  /** The program that an environment variable names; empty when it is not set or names none. */
  public static Optional<Path> find(String variable) {
    return Optional.ofNullable(System.getenv(variable))
        .filter(value -> !value.isBlank())
        .map(Path::of)
        .filter(Files::isRegularFile)
        .filter(Files::isExecutable);
  }

  /** Goes on where {@code there} is true; otherwise says why the test does not run, and ends it. */
  public static void check(boolean there, String what, String why, String remedy) {
    if (!there && inCi()) {
      Assertions.fail(line(what, why, remedy));
    }
    optional(there, what, why, remedy);
  }

  /** The same for what a CI run may be without. */
  public static void optional(boolean there, String what, String why, String remedy) {
    if (there) {
      return;
    }
    String line = line(what, why, remedy);
    if (SAID.add(line)) {
      System.err.println(line);
    }
    Assumptions.abort(line);
  }

  private static String line(String what, String why, String remedy) {
    return what + " did not run: " + why + ". To run: " + remedy + ".";
  }

  /** Whether this is a CI run, in which nothing may be left out. */
  public static boolean inCi() {
    return "true".equals(System.getenv("CI"));
  }
}

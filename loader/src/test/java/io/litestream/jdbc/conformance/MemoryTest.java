package io.litestream.jdbc.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Memory as the system counts it, in a process of its own. */
@ExtendWith(LeakCheck.class)
class MemoryTest {

  private static final long BUDGET = 16 << 20;

  /** What the allocator and the JIT compiler may take beside the budget, and pages in flight. */
  private static final long BESIDE = 6 << 20;

  private static final long PER_CONNECTION = 64 << 10;

  @TempDir Path temp;

  @BeforeEach
  void needProc() {
    Requires.optional(
        Files.isReadable(Path.of("/proc/self/status")),
        "The measurements of resident memory",
        "there is no /proc/self/status",
        "use Linux");
  }

  /** Pages of 60 MB. */
  private SqlitePrimary replica() throws Exception {
    SqlitePrimary primary = new SqlitePrimary(temp, 4096);
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, zeroblob(3900) FROM (" + Sql.numbers(1, 15_000) + ")");
    primary.snapshot();
    return primary;
  }

  private static long[] probe(Object... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms96m",
                "-Xmx96m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dlitestream.native.path="
                    + Objects.requireNonNull(System.getProperty("litestream.test.native")),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                MemoryProbe.class.getName()));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    String numbers = output.substring(output.lastIndexOf('\n') + 1);
    return Arrays.stream(numbers.split(" ")).mapToLong(Long::parseLong).toArray();
  }

  @Test
  void theBudgetIsKeptToAsResidentMemory() throws Exception {
    SqlitePrimary primary = replica();
    primary.close();
    long[] bytes = probe("budget", primary.replica(), BUDGET);
    System.out.printf("%,d bytes resident for a budget of %,d%n", bytes[0], BUDGET);
    assertThat(bytes[1]).isBetween(BUDGET * 9 / 10, BUDGET);
    assertThat(bytes[0]).isLessThan(BUDGET + BESIDE);
  }

  @Test
  void aFurtherConnectionTakesLittleBesideSqlite() throws Exception {
    SqlitePrimary primary = replica();
    Path local = temp.resolve("local.db");
    try (Connection db = Sql.open(primary.replica(), FixturesTest.NO_POLLS)) {
      Sql.run(db, "VACUUM INTO '" + local.toUri() + "?vfs=unix'");
    }
    primary.close();
    long ours = probe("replica", primary.replica())[0];
    long plain = probe("local", local)[0];
    System.out.printf(
        "%,d bytes for a connection to a replica, %,d to a local file%n", ours, plain);
    assertThat(ours - plain).isLessThan(PER_CONNECTION);
  }
}

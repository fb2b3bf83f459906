package io.litestream.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The whole demo, over the native library. */
class MainTest {

  private record Outcome(int code, List<String> out, List<String> err) {}

  @Test
  void showsTheEmbeddedReplicaWithoutOptions() {
    Outcome demo = run();

    assertThat(demo.err()).isEmpty();
    assertThat(demo.code()).isZero();
    assertThat(demo.out()).allMatch(line -> line.length() <= 100);
    assertThat(demo.out())
        .as("the present")
        .containsSubsequence(
            "  name          price  stock  note",
            "  Espresso        2.2    364  NULL",
            "  Flat White      3.6    231  NULL",
            "  Croissant       1.8     37  NULL",
            "  Banana Bread    2.9     13  vegan",
            "  Oat Cookie      1.5     43  vegan");
    assertThat(demo.out())
        .as("the states")
        .contains("  2026-11-21 11:01:07.708  9.000 s         0000000000000005      0")
        .contains("  2026-11-21 11:02:01.708  the present     000000000000000c      0");
    assertThat(demo.out())
        .as("the prices at five instants, the third and fourth after the accident")
        .anyMatch(l -> l.matches(" +name +11:00:49.708 +11:01:07.708 +11:01:34.708 .*"))
        .anyMatch(l -> l.matches(" +Espresso +price +2.2 +2.2 +0 \\* +0 +2.2 \\*"))
        .anyMatch(l -> l.matches(" +Cold Brew +price +3.9 +3.9 +\\. \\* +\\. +\\."))
        .anyMatch(l -> l.matches(" +Oat Cookie +price +\\. +1.5 \\* +0 \\* +0 +1.5 \\*"));
    assertThat(demo.out())
        .as("the cost")
        .anyMatch(l -> l.matches(" +step +lists +reads +probes +bytes +ms"))
        .anyMatch(l -> l.matches(" +query the present +0 +0 +0 +0 .*"));
  }

  @Test
  void travelsWhereTheUserSays() {
    Outcome demo =
        run(
            "--sql",
            "SELECT count(*) AS products, min(price) FROM product",
            "--at",
            "2026-11-21T11:00:50Z",
            "--at",
            "LATEST",
            "--states",
            "2");

    assertThat(demo.code()).isZero();
    assertThat(demo.out())
        .anyMatch(l -> l.matches(" +1 +products +5 +5"))
        .anyMatch(l -> l.matches(" +min\\(price\\) +1.8 +1.5 \\*"))
        .contains("  2026-11-21T11:00:50Z: 2026-11-21T11:00:50Z, TXID 0000000000000003");
  }

  @Test
  void readsAReplicaByItsUrl() throws Exception {
    try (EmbeddedReplica replica = EmbeddedReplica.unpack()) {
      Outcome demo = run("--replica", replica.url());

      assertThat(demo.err()).isEmpty();
      assertThat(demo.out())
          .anyMatch(l -> l.matches(" +product +table"))
          .noneMatch(l -> l.contains("_litestream_seq"));
    }
  }

  @Test
  void saysThatThereAreMoreRows() {
    Outcome demo =
        run("--sql", "SELECT id, product FROM sale ORDER BY id", "--at", "LATEST", "--states", "1");

    assertThat(demo.out())
        .contains("  (more rows; the first 40 are shown)")
        .contains("  (more rows; the first 40 of each instant are compared)");
  }

  @Test
  void aTableThatWasNotThereIsANoteNotAnEnd() {
    Outcome demo =
        run(
            "--sql",
            "SELECT CASE WHEN count(*) = 6 THEN abs(-9223372036854775807 - 1) END FROM product",
            "--at",
            "LATEST",
            "--at",
            "2026-11-21T11:01:08Z");

    assertThat(demo.code()).isZero();
    assertThat(demo.out())
        .anyMatch(l -> l.startsWith("  2026-11-21T11:01:08Z: ") && l.contains("integer overflow"));
  }

  @Test
  void failuresAreOneLineAndCodeOne() {
    assertFailure(run("--sql", "selct 1"), 1, "near \"selct\": syntax error");
    assertFailure(run("--sql", "DELETE FROM product"), 1, "readonly");
    assertFailure(run("--at", "2001-01-01"), 1, "no state before 2001-01-01T00:00:00Z");
    assertFailure(run("--at", "junk"), 1, "\"junk\" is not a time");
    assertFailure(run("--replica", "http://x"), 1, "replica URLs with http: are not known");
  }

  @Test
  void wrongOptionsAreCodeTwo() {
    assertFailure(run("--foo"), 2, "unknown option --foo; see --help");
  }

  @Test
  void helpNamesEveryOption() {
    Outcome help = run("--help");

    assertThat(help.code()).isZero();
    assertThat(String.join("\n", help.out()))
        .contains("--replica URL", "--sql QUERY", "--at WHEN", "--states N", "--help");
  }

  @Test
  void theEmbeddedReplicaHasLitestreamsTimesAndGoesWhenClosed() throws Exception {
    Path directory;
    try (EmbeddedReplica replica = EmbeddedReplica.unpack()) {
      directory = Path.of(URI.create(replica.url()));
      Path file = directory.resolve("ltx/0/0000000000000003-0000000000000003.ltx");
      assertThat(Files.getLastModifiedTime(file)).hasToString("2026-11-21T11:00:49.708Z");
    }
    assertThat(directory).doesNotExist();
  }

  private static void assertFailure(Outcome outcome, int code, String text) {
    assertThat(outcome.err()).singleElement().asString().contains(text);
    assertThat(outcome.code()).isEqualTo(code);
  }

  private static Outcome run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.run(args, print(out), print(err));
    return new Outcome(code, lines(out), lines(err));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}

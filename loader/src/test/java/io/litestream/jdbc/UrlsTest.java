package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.internal.config.JdbcUrl;
import io.litestream.jdbc.internal.config.Parameter;
import io.litestream.jdbc.internal.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of docs/urls.md and README, and what holds for all URLs. */
class UrlsTest {

  private static final Path DOCS = Path.of("..", "docs", "urls.md");
  private static final Path README = Path.of("..", "README.md");

  private static List<String[]> rows(String section) throws IOException {
    String text = Files.readString(DOCS);
    String[] parts = text.split("## " + section + "\n");
    return parts[1]
        .split("\n## ")[0]
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.substring(1, line.length() - 1).split("\\|"))
        .map(cells -> Arrays.stream(cells).map(c -> c.replace("`", "").strip()))
        .map(cells -> cells.toArray(String[]::new))
        .toList();
  }

  static List<String[]> accepted() throws IOException {
    return rows("Accepted");
  }

  static List<String[]> refused() throws IOException {
    return rows("Refused");
  }

  @Test
  void theTablesAreRead() throws IOException {
    assertThat(accepted().size()).isGreaterThan(39);
    assertThat(refused().size()).isGreaterThan(19);
  }

  @ParameterizedTest
  @MethodSource
  void accepted(String url, String replicaUrl, String parameters) {
    Settings settings = LitestreamConfig.parse(url, new Properties()).settings();
    String place = settings.get(Parameter.REPLICA_URL);
    assertThat(place == null ? "" : place).isEqualTo(replicaUrl);
    TreeSet<String> shown = new TreeSet<>();
    settings.values().forEach((p, v) -> shown.add(p.key() + "=" + v));
    shown.removeIf(p -> p.startsWith("replica_url="));
    settings.sqlite().forEach((k, v) -> shown.add(k + "=" + v));
    assertThat(String.join(" ", shown)).isEqualTo(parameters);
  }

  @ParameterizedTest
  @MethodSource
  void refused(String url, String text) {
    assertThatThrownBy(() -> LitestreamConfig.parse(url, new Properties()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @Test
  void whatIsFormattedParsesToTheSame() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      Map<String, String> parameters = new LinkedHashMap<>();
      for (int p = random.nextInt(4); p > 0; p--) {
        parameters.put(text(random) + p, text(random));
      }
      JdbcUrl url = new JdbcUrl(text(random).replaceAll("[?#]", "_"), parameters);
      assertThat(JdbcUrl.parse(url.format())).as("seed %d, URL %d", seed, i).isEqualTo(url);
    }
  }

  @Test
  void anyTextIsParsedOrRefused() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String url = JdbcUrl.PREFIX + text(random) + "?" + text(random) + "&" + text(random);
      try {
        assertThat(JdbcUrl.parse(url)).isNotNull();
      } catch (IllegalArgumentException e) {
        assertThat(e).as("seed %d, URL %d", seed, i).hasMessageMatching("(?s).{20,}");
      }
    }
  }

  /** Much of what has a meaning in URLs, and characters of one to four bytes. */
  private static String text(Random random) {
    String[] pieces = {
      "a",
      "Z",
      "9",
      "%",
      "%2",
      "%41",
      "?",
      "&",
      "=",
      "#",
      "+",
      " ",
      "/",
      "\\",
      ":",
      "\n",
      "ß",
      "語",
      "\uD83D\uDE00"
    };
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(12); n > 0; n--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  /** In the same order, with the same words, and no other. */
  @Test
  void readmeHasTheParameters() throws IOException {
    String table = Files.readString(README).split("\\| parameter \\| default .*\n.*\n")[1];
    List<String> rows =
        Arrays.stream(Parameter.values())
            .map(
                p ->
                    "| `%s` | %s| %s |"
                        .formatted(
                            p.key(),
                            p.standard().isEmpty() ? "" : "`" + p.standard() + "` ",
                            p.description()))
            .toList();
    assertThat(table.lines().takeWhile(line -> line.startsWith("|")))
        .containsExactlyElementsOf(rows);
  }
}

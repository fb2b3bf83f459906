package io.litestream.jdbc.internal.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("C-47: time expressions mean one thing or are refused")
class TimeExpressionTest {

  /** The now of the documentation's table. */
  private static final Instant NOW = Instant.parse("2024-03-31T12:00:00Z");

  private static final Path DOCUMENTATION = Path.of("../docs/time-expressions.md");
  private static final Pattern ACCEPTED =
      Pattern.compile("^\\| `(.*)` \\| `(.*)` \\|$", Pattern.MULTILINE);
  private static final Pattern REFUSED =
      Pattern.compile("^\\| `(.*?)` \\| .*\\|$", Pattern.MULTILINE);

  record Row(String expression, String instant) {}

  static Stream<Row> accepted() throws IOException {
    return ACCEPTED
        .matcher(section("## Accepted", "## Refused"))
        .results()
        .map(m -> new Row(m.group(1), m.group(2)));
  }

  static Stream<String> refused() throws IOException {
    return REFUSED.matcher(section("## Refused", "")).results().map(m -> m.group(1));
  }

  private static String section(String from, String to) throws IOException {
    String text = Files.readString(DOCUMENTATION);
    int start = text.indexOf(from);
    return text.substring(start, to.isEmpty() ? text.length() : text.indexOf(to));
  }

  @ParameterizedTest
  @MethodSource
  void accepted(Row row) {
    assertThat(TimeExpression.parse(row.expression(), NOW)).hasToString(row.instant());
    assertThat(TimeExpression.parse("  " + row.expression() + " ", NOW)).hasToString(row.instant());
  }

  @ParameterizedTest
  @MethodSource
  void refused(String expression) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimeExpression.parse(expression, NOW))
        .withMessageContaining("\"" + expression + "\" is not a time")
        .withMessageContaining("15 minutes ago");
  }

  @Test
  void theTablesAreReadWhole() throws IOException {
    assertThat(accepted()).hasSize(rows("## Accepted", "## Refused"));
    assertThat(refused()).hasSize(rows("## Refused", ""));
  }

  private static int rows(String from, String to) throws IOException {
    return (int) section(from, to).lines().filter(line -> line.startsWith("| `")).count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"LATEST", "latest", " Latest "})
  void latest(String text) {
    assertThat(TimeExpression.isLatest(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "now", "the latest", "latest 1"})
  void notLatest(String text) {
    assertThat(TimeExpression.isLatest(text)).isFalse();
  }

  @Test
  void aReasonIsNamedWhereThereIsOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimeExpression.parse("2024-02-30", NOW))
        .withMessageContaining("FEBRUARY 30");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimeExpression.parse("3000 years ago", NOW))
        .withMessageContaining("outside the years 0000 to 9999");
  }

  @Test
  void anErrorShowsALongTextShortAndOnOneLine() {
    String message = refusal("x\n\0" + "y".repeat(100_000));
    assertThat(message).hasSizeLessThan(500).doesNotContain("\n", "\0").startsWith("\"x??yyy");
  }

  @Test
  void everyRfc3339InstantComesBack() {
    SplittableRandom random = new SplittableRandom(47);
    long first = Instant.parse("0001-01-02T00:00:00Z").getEpochSecond();
    long last = Instant.parse("9999-12-30T00:00:00Z").getEpochSecond();
    for (int i = 0; i < 20_000; i++) {
      int nanos = random.nextInt(3) == 0 ? 0 : random.nextInt(1_000_000_000);
      Instant instant = Instant.ofEpochSecond(random.nextLong(first, last), nanos);
      ZoneOffset offset = ZoneOffset.ofTotalSeconds(60 * random.nextInt(-18 * 60, 18 * 60 + 1));
      OffsetDateTime written = instant.atOffset(offset);
      String text = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(written);
      assertThat(TimeExpression.parse(text, NOW)).as(text).isEqualTo(instant);
    }
  }

  @Test
  void garbageIsRefusedAndNothingElseIsThrown() throws IOException {
    List<String> pieces =
        Stream.concat(
                accepted().flatMap(row -> words(row.expression())),
                Stream.of(
                    "-",
                    "+",
                    "P",
                    "T",
                    "9999999999",
                    "999999999999999999",
                    ":",
                    ".",
                    ",",
                    "and",
                    "ago",
                    " ",
                    "",
                    "\0",
                    "é",
                    "٣",
                    "M",
                    "year",
                    "60",
                    "2024-13-01"))
            .toList();
    SplittableRandom random = new SplittableRandom(48);
    int understood = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(6); n >= 0; n--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
        text.append(random.nextBoolean() ? " " : "");
      }
      try {
        assertThat(TimeExpression.parse(text.toString(), NOW)).isNotNull();
        understood++;
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("is not a time");
      }
    }
    assertThat(understood).as("the generator also hits expressions").isPositive();
  }

  private static Stream<String> words(String expression) {
    return Pattern.compile("[0-9]+|[A-Za-z]+|[^0-9A-Za-z]")
        .matcher(expression)
        .results()
        .map(MatchResult::group);
  }

  private static String refusal(String text) {
    try {
      return "accepted as " + TimeExpression.parse(text, NOW);
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }
}

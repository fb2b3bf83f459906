package io.litestream.jdbc.internal.time;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A strict grammar of instants: RFC 3339, dates and times, ages, Unix time. What could mean two
 * things is refused and never guessed. docs/time-expressions.md has the table that the tests read.
 * Days and missing zones are UTC.
 */
public final class TimeExpression {

  /** Longer than any expression there is. */
  private static final int MAX_LENGTH = 100;

  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private static final String EXAMPLES =
      "2024-01-15T10:30:00Z (RFC 3339), 2024-01-15 10:30 (UTC), yesterday 10:30, 15 minutes ago,"
          + " -2h30m, PT15M, 1705314600 (Unix seconds), now, LATEST";

  private static final Pattern UNIX_SECONDS = Pattern.compile("[1-9][0-9]{9}");
  private static final Pattern UNIX_MILLIS = Pattern.compile("[1-9][0-9]{12}");

  private static final String TIME = "([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?";

  private static final Pattern ABSOLUTE =
      Pattern.compile(
          "([0-9]{4})-([0-9]{2})-([0-9]{2})(?:(?:T| )"
              + TIME
              + "(?: ?(Z|UTC|[+-][0-9]{2}:[0-9]{2}))?)?",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern DAY =
      Pattern.compile("(yesterday|today)(?: +at)? +" + TIME, Pattern.CASE_INSENSITIVE);

  private TimeExpression() {}

  /** Whether the text asks for the present that goes on: {@code LATEST} in any case. */
  public static boolean isLatest(String text) {
    return text.strip().equalsIgnoreCase("latest");
  }

  /**
   * The instant of any expression but LATEST, in the years 0000 to 9999.
   *
   * @param now what ages and days count from
   * @throws IllegalArgumentException when the text is none; its message has examples
   */
  public static Instant parse(String text, Instant now) {
    String expression = text.strip();
    String reason = "";
    if (expression.length() <= MAX_LENGTH) {
      try {
        Instant instant = resolve(expression, now);
        if (instant != null && !instant.isBefore(FIRST) && !instant.isAfter(LAST)) {
          return instant;
        }
        reason = instant == null ? "" : " (outside the years 0000 to 9999)";
      } catch (DateTimeException e) {
        reason = " (" + e.getMessage() + ")";
      } catch (ArithmeticException e) {
        reason = " (outside the years 0000 to 9999)";
      }
    }
    throw new IllegalArgumentException(
        "\"" + shown(expression) + "\" is not a time" + reason + "; examples: " + EXAMPLES);
  }

  private static @Nullable Instant resolve(String expression, Instant now) {
    if (expression.equalsIgnoreCase("now")) {
      return now;
    }
    if (UNIX_SECONDS.matcher(expression).matches()) {
      return Instant.ofEpochSecond(Long.parseLong(expression));
    }
    if (UNIX_MILLIS.matcher(expression).matches()) {
      return Instant.ofEpochMilli(Long.parseLong(expression));
    }
    Matcher absolute = ABSOLUTE.matcher(expression);
    if (absolute.matches()) {
      return absolute(absolute);
    }
    Matcher day = DAY.matcher(expression);
    if (day.matches()) {
      LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
      LocalDate date = day.group(1).equalsIgnoreCase("today") ? today : today.minusDays(1);
      return date.atTime(time(day, 2)).toInstant(ZoneOffset.UTC);
    }
    Age age = Age.parse(expression);
    return age == null ? null : age.before(now);
  }

  private static Instant absolute(Matcher m) {
    LocalDate date = LocalDate.of(number(m, 1), number(m, 2), number(m, 3));
    if (m.group(4) == null) {
      return date.atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    String zone = m.group(8);
    ZoneOffset offset =
        zone == null || zone.equalsIgnoreCase("UTC")
            ? ZoneOffset.UTC
            : ZoneOffset.of(zone.toUpperCase(Locale.ROOT));
    return date.atTime(time(m, 4)).toInstant(offset);
  }

  /** The time in the four groups from {@code first} on. */
  private static LocalTime time(Matcher m, int first) {
    int second = m.group(first + 2) == null ? 0 : number(m, first + 2);
    String fraction = m.group(first + 3);
    int nanos = fraction == null ? 0 : Age.nanos(fraction);
    return LocalTime.of(number(m, first), number(m, first + 1), second, nanos);
  }

  private static int number(Matcher m, int group) {
    return Integer.parseInt(m.group(group));
  }

  /** The expression as an error shows it: short, on one line. */
  private static String shown(String expression) {
    String cut =
        expression.length() <= MAX_LENGTH
            ? expression
            : expression.substring(0, MAX_LENGTH - 3) + "...";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}

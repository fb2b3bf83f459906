package io.litestream.jdbc.internal.time;

import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long ago: {@code 2h30m ago}, {@code an hour and 5 minutes ago}, {@code -15m}, {@code PT15M},
 * {@code -P1D}. Months and years go by the calendar in UTC, and are subtracted first.
 */
record Age(Period calendar, Duration exact) {

  /** From large to small: the order that a compound has to keep. */
  private enum Unit {
    YEAR,
    MONTH,
    WEEK,
    DAY,
    HOUR,
    MINUTE,
    SECOND
  }

  private static final Pattern AGO = Pattern.compile("(.+?) +ago", Pattern.CASE_INSENSITIVE);

  private static final Pattern MINUS = Pattern.compile("-([0-9].*)");

  /** One amount and what may stand before the next one. */
  private static final Pattern AMOUNT =
      Pattern.compile(
          "([0-9]{1,18}|an?(?= )) *([a-z]+)( *, *and +| *, *| +and +| *)",
          Pattern.CASE_INSENSITIVE);

  private static final String NUMBER = "([0-9]{1,18})";

  private static final Pattern ISO =
      Pattern.compile(
          "-?P(?=[0-9T])(?:"
              + NUMBER
              + "Y)?(?:"
              + NUMBER
              + "M)?(?:"
              + NUMBER
              + "W)?(?:"
              + NUMBER
              + "D)?"
              + "(?:T(?=[0-9])(?:"
              + NUMBER
              + "H)?(?:"
              + NUMBER
              + "M)?(?:"
              + NUMBER
              + "(?:\\.([0-9]{1,9}))?S)?)?",
          Pattern.CASE_INSENSITIVE);

  /**
   * The age of an expression, null when it is none.
   *
   * @throws ArithmeticException when it is longer than there is time
   */
  static @Nullable Age parse(String expression) {
    Matcher iso = ISO.matcher(expression);
    if (iso.matches()) {
      return iso(iso);
    }
    Matcher ago = AGO.matcher(expression);
    if (ago.matches()) {
      return amounts(ago.group(1));
    }
    Matcher minus = MINUS.matcher(expression);
    return minus.matches() ? amounts(minus.group(1)) : null;
  }

  /**
   * @throws java.time.DateTimeException or ArithmeticException when there is no such instant
   */
  Instant before(Instant now) {
    return now.atOffset(ZoneOffset.UTC).minus(calendar).toInstant().minus(exact);
  }

  /** The digits after a decimal point as nanoseconds. */
  static int nanos(String fraction) {
    return Integer.parseInt((fraction + "00000000").substring(0, 9));
  }

  private static Age iso(Matcher m) {
    Age age = new Age(Period.ZERO, Duration.ZERO);
    for (Unit unit : Unit.values()) {
      String number = m.group(unit.ordinal() + 1);
      if (number != null) {
        age = age.plus(Long.parseLong(number), unit);
      }
    }
    String fraction = m.group(8);
    return fraction == null ? age : new Age(age.calendar, age.exact.plusNanos(nanos(fraction)));
  }

  private static @Nullable Age amounts(String text) {
    Age age = new Age(Period.ZERO, Duration.ZERO);
    Unit last = null;
    Matcher m = AMOUNT.matcher(text);
    int position = 0;
    while (position < text.length()) {
      m.region(position, text.length());
      if (!m.lookingAt() || (m.end() == text.length() && !m.group(3).isEmpty())) {
        return null;
      }
      Unit unit = unit(m.group(2));
      if (unit == null || (last != null && unit.compareTo(last) <= 0)) {
        return null;
      }
      String number = m.group(1);
      age = age.plus(Character.isDigit(number.charAt(0)) ? Long.parseLong(number) : 1, unit);
      last = unit;
      position = m.end();
    }
    return last == null ? null : age;
  }

  /** A single letter is lower case: M could mean months. */
  private static @Nullable Unit unit(String word) {
    return switch (word.length() == 1 ? word : word.toLowerCase(Locale.ROOT)) {
      case "s", "sec", "secs", "second", "seconds" -> Unit.SECOND;
      case "m", "min", "mins", "minute", "minutes" -> Unit.MINUTE;
      case "h", "hr", "hrs", "hour", "hours" -> Unit.HOUR;
      case "d", "day", "days" -> Unit.DAY;
      case "w", "week", "weeks" -> Unit.WEEK;
      case "month", "months" -> Unit.MONTH;
      case "year", "years" -> Unit.YEAR;
      default -> null;
    };
  }

  private Age plus(long n, Unit unit) {
    return switch (unit) {
      case YEAR -> new Age(calendar.plusYears(Math.toIntExact(n)), exact);
      case MONTH -> new Age(calendar.plusMonths(Math.toIntExact(n)), exact);
      case WEEK -> new Age(calendar, exact.plusDays(Math.multiplyExact(n, 7L)));
      case DAY -> new Age(calendar, exact.plusDays(n));
      case HOUR -> new Age(calendar, exact.plusHours(n));
      case MINUTE -> new Age(calendar, exact.plusMinutes(n));
      case SECOND -> new Age(calendar, exact.plusSeconds(n));
    };
  }
}

package io.litestream.jdbc.internal.config;

import io.litestream.jdbc.internal.time.TimeExpression;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The spellings of values. Every failure names the key, the value and what is accepted. */
final class Values {

  private static final Pattern GO_PART =
      Pattern.compile("(\\d{1,18}(?:\\.\\d{0,18})?|\\.\\d{1,18})(ns|us|µs|μs|ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18}) ?(?:([kmgt])(?:i?b)?|b)?");
  private static final String SIZE_UNITS = "kmgt";

  /** Shorter is a busy loop. */
  private static final Duration SHORTEST = Duration.ofMillis(1);

  /** Longer is a typing error, and sums of times stay far from overflow. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final Duration LONGEST_AGE = Duration.ofDays(365);

  private static final Pattern TXID = Pattern.compile("(?!0+$)[0-9A-Fa-f]{1,16}");

  private Values() {}

  /**
   * Checks a value for itself.
   *
   * @throws IllegalArgumentException naming parameter, value and what is accepted
   */
  static void check(Parameter parameter, String value) {
    switch (parameter.kind()) {
      case DURATION, AGE -> duration(parameter, value);
      case BYTES -> bytes(parameter, value);
      case TIME -> time(parameter, value);
      case TXID -> {
        if (!TXID.matcher(value).matches()) {
          throw bad(parameter, value, "1 to 16 hex digits, as PRAGMA litestream_txid shows them");
        }
      }
      case TRUTH -> {
        if (parameter.s3() == null) {
          truth(parameter, value);
        }
      }
      case SESSION_TIME -> {
        if (!parameter.choices().contains(value)) {
          throw bad(parameter, value, String.join(" or ", parameter.choices()));
        }
      }
      case TEXT, SECRET, COUNT, AES256 -> {
        // The S3 URL checks its own; the others may be anything.
      }
    }
  }

  private static void time(Parameter parameter, String value) {
    if (TimeExpression.isLatest(value)) {
      return;
    }
    try {
      TimeExpression.parse(value, Instant.now());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(parameter.key() + ": " + e.getMessage(), e);
    }
  }

  /**
   * From 1 ms to 24 h (ages: 365 d), in Go's syntax ({@code 500ms}, {@code 1m30s}, {@code 1.5s}),
   * with days ({@code 7d}), or ISO 8601 ({@code PT5S}).
   */
  static Duration duration(Parameter parameter, String value) {
    boolean age = parameter.kind() == Parameter.Kind.AGE;
    Duration duration = duration(value.strip());
    if (duration == null
        || duration.compareTo(SHORTEST) < 0
        || duration.compareTo(age ? LONGEST_AGE : LONGEST) > 0) {
      throw bad(
          parameter,
          value,
          age
              ? "a time from 1ms to 365d, such as 30s, 10m, 7d or PT1H"
              : "a time from 1ms to 24h, such as 500ms, 1s, 1m30s or PT5S");
    }
    return duration;
  }

  private static @Nullable Duration duration(String text) {
    if (text.startsWith("P") || text.startsWith("p")) {
      try {
        return Duration.parse(text);
      } catch (DateTimeParseException e) {
        return null;
      }
    }
    Matcher m = GO_PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int at = 0;
    while (at < text.length() && m.find(at) && m.start() == at) {
      nanos =
          nanos.add(new BigDecimal(m.group(1)).multiply(BigDecimal.valueOf(nanosPer(m.group(2)))));
      at = m.end();
    }
    boolean whole = at > 0 && at == text.length();
    return whole && nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) < 0
        ? Duration.ofNanos(nanos.longValue())
        : null;
  }

  private static long nanosPer(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "ms" -> 1_000_000;
      case "s" -> 1_000_000_000;
      case "m" -> 60_000_000_000L;
      case "h" -> 3_600_000_000_000L;
      case "d" -> 86_400_000_000_000L;
      default -> 1_000; // us, with either of the two letters that look like mu
    };
  }

  /** Bytes: a plain number, or one with KB, MB, GB or TB, which are powers of 1024. At least 1. */
  static long bytes(Parameter parameter, String value) {
    Matcher m = SIZE.matcher(value.strip().toLowerCase(Locale.ROOT));
    if (m.matches()) {
      int shift = m.group(2) == null ? 0 : 10 * (SIZE_UNITS.indexOf(m.group(2)) + 1);
      long number = Long.parseLong(m.group(1));
      if (number > 0 && number <= Long.MAX_VALUE >> shift) {
        return number << shift;
      }
    }
    throw bad(parameter, value, "a number of bytes above 0, such as 67108864 or 64MB");
  }

  static boolean truth(Parameter parameter, String value) {
    return switch (value.strip().toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "on" -> true;
      case "false", "0", "no", "off" -> false;
      default -> throw bad(parameter, value, "true, 1, yes, on, false, 0, no or off");
    };
  }

  private static IllegalArgumentException bad(Parameter parameter, String value, String accepted) {
    return new IllegalArgumentException(
        parameter.key()
            + "="
            + value
            + " is not accepted; set "
            + parameter.key()
            + " to "
            + accepted);
  }
}

package io.litestream.demo;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param replica the replica's URL; null for the one that comes with the demo
 * @param sql the query; null for a default one
 * @param at time expressions to travel to, at most {@link #MOST_INSTANTS}; empty: some of the
 *     listed states
 * @param states how many of the newest states to list
 */
record Options(
    @Nullable String replica, @Nullable String sql, List<String> at, int states, boolean help) {

  /** As many columns as fit side by side in 100 characters with readable values. */
  static final int MOST_INSTANTS = 6;

  private static final int MOST_STATES = 1000;

  static final String HELP =
      """
      Shows one query of a Litestream replica at several instants side by side.

        --replica URL   the replica: file:///backup/app.db, s3://bucket/path?endpoint=...&region=...
                        (default: one that comes with the demo)
        --sql QUERY     the query (default: the tables of the database). Rows are told apart by the
                        first column, if it is unique, else by their position
        --at WHEN       an instant to travel to; up to %d times. "5 minutes ago", "yesterday 10:30",
                        2024-01-15T10:30:00Z, LATEST, ...; docs/time-expressions.md has all
                        (default: some of the listed states)
        --states N      how many of the newest states to list, 1 to %d (default: 10)
        --help          this

      Credentials for S3 come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the like.
      """
          .formatted(MOST_INSTANTS, MOST_STATES);

  /** A command line that cannot be understood; the message says what is wrong. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  static Options parse(String... args) throws UsageException {
    String replica = null;
    String sql = null;
    List<String> at = new ArrayList<>();
    int states = 10;
    boolean help = false;
    Iterator<String> words = List.of(args).iterator();
    while (words.hasNext()) {
      String option = words.next();
      switch (option) {
        case "--replica" -> replica = value(option, words);
        case "--sql" -> sql = value(option, words);
        case "--at" -> at.add(value(option, words));
        case "--states" -> states = count(option, value(option, words));
        case "--help", "-h" -> help = true;
        default -> throw new UsageException("unknown option " + Text.oneLine(option));
      }
    }
    if (at.size() > MOST_INSTANTS) {
      throw new UsageException("--at " + at.size() + " times; at most " + MOST_INSTANTS);
    }
    return new Options(replica, sql, List.copyOf(at), states, help);
  }

  private static String value(String option, Iterator<String> words) throws UsageException {
    String value = words.hasNext() ? words.next() : "";
    if (value.isBlank()) {
      throw new UsageException(option + " needs a value");
    }
    return value;
  }

  private static int count(String option, String value) throws UsageException {
    try {
      int count = Integer.parseInt(value);
      if (count >= 1 && count <= MOST_STATES) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Answered below, as a number out of range is.
    }
    throw new UsageException(
        option + " needs a number from 1 to " + MOST_STATES + ", found " + Text.oneLine(value));
  }
}

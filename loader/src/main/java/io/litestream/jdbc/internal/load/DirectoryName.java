package io.litestream.jdbc.internal.load;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code litestream-jdbc-<process id>-<start of the process>-<random>}: the name of a private
 * directory says which JVM made it.
 *
 * @param pid the process id
 * @param start Unix milliseconds; 0 where the system does not tell
 */
record DirectoryName(long pid, long start) {

  static final String PREFIX = "litestream-jdbc-";

  /** Nothing else in a shared directory has such a name, so what has it may be deleted. */
  private static final Pattern NAME =
      Pattern.compile(
          PREFIX + "(\\d{1,18})-(\\d{1,18})-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final DirectoryName THIS_JVM =
      new DirectoryName(
          ProcessHandle.current().pid(),
          ProcessHandle.current().info().startInstant().map(Instant::toEpochMilli).orElse(0L));

  /** What the names of this JVM begin with, whichever class loader makes them. */
  static String own() {
    return PREFIX + THIS_JVM.pid + "-" + THIS_JVM.start + "-";
  }

  /** Empty for what is none of ours. */
  static Optional<DirectoryName> parse(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(
            new DirectoryName(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  /**
   * Whether this JVM may have made it. The process id alone does not say so: in a container it is
   * the same each time, and what a killed JVM left in a volume would stay for good.
   */
  boolean mayBeOwn() {
    return pid == THIS_JVM.pid && (start == THIS_JVM.start || start == 0 || THIS_JVM.start == 0);
  }
}

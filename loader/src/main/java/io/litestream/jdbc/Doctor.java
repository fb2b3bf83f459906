package io.litestream.jdbc;

import io.litestream.jdbc.internal.doctor.Examination;
import io.litestream.jdbc.internal.ffi.Version;
import io.litestream.jdbc.internal.load.Check;
import java.util.List;
import java.util.Locale;

/**
 * The program in the jar: {@code java -jar litestream-jdbc.jar doctor [replica]}, or {@code java
 * -cp 'lib/*' io.litestream.jdbc.Doctor [replica]} with the jars of an application.
 */
final class Doctor {

  private static final String USAGE =
      """
      usage: java -jar litestream-jdbc.jar doctor [replica]
             java -cp 'lib/*' io.litestream.jdbc.Doctor [replica]
      Says whether the native library can be loaded here, and opens the replica (s3://bucket/path,
      a directory, or a jdbc:litestream: URL) if one is given.
      """;

  private Doctor() {}

  /** Exits with 0 when all is well, 1 when something is not, 2 when the arguments are wrong. */
  public static void main(String[] arguments) {
    List<String> rest = List.of(arguments);
    if (!rest.isEmpty() && rest.getFirst().equals("doctor")) {
      rest = rest.subList(1, rest.size());
    }
    if (rest.size() > 1 || (!rest.isEmpty() && rest.getFirst().startsWith("-"))) {
      System.err.print(USAGE);
      System.exit(2);
    }
    System.out.println("litestream-jdbc " + Version.OF_JAR);
    boolean well = true;
    String replica = rest.isEmpty() ? null : rest.getFirst();
    for (Check check : Examination.run(replica)) {
      System.out.printf(
          "%-6s  %-13s  %s%n",
          check.result().name().toLowerCase(Locale.ROOT), check.subject(), check.text());
      well &= check.result() != Check.Result.FAILED;
    }
    System.exit(well ? 0 : 1);
  }
}

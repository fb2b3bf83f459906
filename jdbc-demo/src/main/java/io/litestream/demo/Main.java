package io.litestream.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;

/** The command line: 0 when all went well, 1 for what failed, 2 for wrong options. */
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    int code = run(args, System.out, System.err);
    System.out.flush();
    System.exit(code);
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    try {
      Options options = Options.parse(args);
      if (options.help()) {
        out.print(Options.HELP);
        return 0;
      }
      if (options.replica() != null) {
        new Demo(options, options.replica(), out).run();
        return 0;
      }
      try (EmbeddedReplica embedded = EmbeddedReplica.unpack()) {
        out.println(
            "This replica of a coffee bar's database comes with the demo; Litestream wrote");
        out.println("it. Yours: --replica URL --sql \"...\" (--help has all options).");
        out.println();
        new Demo(options, embedded.url(), out).run();
      }
      return 0;
    } catch (Options.UsageException e) {
      err.println(e.getMessage() + "; see --help");
      return 2;
    } catch (SQLException | IOException e) {
      err.println("failed: " + Text.oneLine(String.valueOf(e.getMessage())));
      return 1;
    }
  }
}

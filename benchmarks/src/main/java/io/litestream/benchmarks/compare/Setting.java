package io.litestream.benchmarks.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sqlite.SQLiteJDBCLoader;

/** What the results depend on: machine, versions, commit. */
final class Setting {

  private Setting() {}

  /**
   * @param options {@code litestream} names the program, {@code extension-version} says what the
   *     extension cannot
   */
  static Map<String, String> here(Map<String, String> options)
      throws IOException, InterruptedException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    all.put("commit", said("git", "describe", "--always", "--dirty"));
    all.put("processor", processor() + ", " + Runtime.getRuntime().availableProcessors() + " CPUs");
    all.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    all.put("load before", Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
    all.put("JDK", System.getProperty("java.vm.name") + " " + Runtime.version());
    all.put("sqlite-jdbc", SQLiteJDBCLoader.getVersion());
    String program = options.getOrDefault("litestream", "");
    all.put("litestream", program.isEmpty() ? "not given" : said(program, "version"));
    String version = options.getOrDefault("extension-version", "of unknown version");
    all.put(Names.UPSTREAM, options.containsKey("extension") ? version : "not given");
    return all;
  }

  private static String processor() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    }
  }

  private static String said(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return process.waitFor() == 0 ? text : "unknown";
  }
}

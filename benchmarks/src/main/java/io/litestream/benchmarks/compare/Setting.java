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

  static final String DATE = "date";
  static final String COMMIT = "commit";

  /** Load averages before the run. */
  private static final String LOAD = "load before (1, 5, 15 minutes)";

  private static final String UNKNOWN = "unknown";

  private Setting() {}

  static Map<String, String> here(Options options) throws IOException, InterruptedException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(DATE, LocalDate.now(ZoneOffset.UTC).toString());
    all.put(COMMIT, commit());
    all.put("processor", processor() + ", " + Runtime.getRuntime().availableProcessors() + " CPUs");
    all.put("memory", memory());
    all.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    all.put(LOAD, load());
    all.put("JDK", System.getProperty("java.vm.name") + " " + Runtime.version());
    all.put("sqlite-jdbc", SQLiteJDBCLoader.getVersion());
    String none = "not given";
    all.put(
        "litestream",
        options.litestream().isEmpty() ? none : said(options.litestream(), "version"));
    all.put(Names.UPSTREAM, options.extension().isEmpty() ? none : options.extensionVersion());
    all.put(
        Names.MINIO,
        options.minio().isEmpty()
            ? none
            : said(options.minio(), "--version").lines().findFirst().orElse(UNKNOWN));
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

  private static String memory() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      String total = lines.findFirst().orElse("").replaceAll("[^0-9]", "");
      return Math.round(Long.parseLong(total) / 1e6) + " GB";
    }
  }

  /** Means over 1, 5 and 15 minutes; a build that ended just now shows in the first. */
  private static String load() throws IOException {
    String[] means = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
    return means[0] + ", " + means[1] + ", " + means[2];
  }

  /** Whether other work kept the processors in the minute before the run, of its setting. */
  static boolean wasBusy(Map<String, String> setting) {
    String lastMinute = setting.getOrDefault(LOAD, "0, 0, 0").split(", ", -1)[0];
    return Double.parseDouble(lastMinute) > Runtime.getRuntime().availableProcessors() / 2.0;
  }

  /** What git knows without asking anybody: a partial clone would fetch what it has not. */
  private static String commit() throws InterruptedException {
    return said("git", "describe", "--always", "--dirty");
  }

  private static String said(String... command) throws InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("GIT_NO_LAZY_FETCH", "1");
    builder.environment().put("GIT_OPTIONAL_LOCKS", "0");
    try {
      Process process = builder.start();
      String text =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 && !text.isEmpty() ? text : UNKNOWN;
    } catch (IOException e) {
      return UNKNOWN; // there is no such program
    }
  }
}

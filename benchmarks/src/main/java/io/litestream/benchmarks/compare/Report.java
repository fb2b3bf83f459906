package io.litestream.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results as Markdown, JSON and charts. Of several rounds, the median time and the most
 * requests.
 */
final class Report {

  /** Milliseconds of delay that the published times are for. */
  private static final long DELAY = 20;

  private static final String SCAN = "full scan";

  /** Ends the names of rates. */
  private static final String A_SECOND = ": a second";

  private final List<Cost> costs;
  private final Map<String, String> setting;

  /** What the rounds of an operation come to. */
  private record Result(Cost most, double ms, int depth) {}

  Report(List<Cost> costs, Map<String, String> setting) {
    this.costs = List.copyOf(costs);
    this.setting = setting;
  }

  void write(Path directory) throws IOException {
    Files.writeString(directory.resolve("results.md"), markdown());
    ObjectMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Files.writeString(
        directory.resolve("results.json"),
        json.writeValueAsString(Map.of("setting", setting, "costs", costs)) + "\n");
    Files.writeString(directory.resolve("requests.svg"), requests().svg());
    Files.writeString(directory.resolve("times.svg"), times().svg());
    Files.writeString(directory.resolve("warm.svg"), warm().svg());
  }

  private @Nullable Result result(String contender, String operation, boolean near) {
    List<Cost> all =
        costs.stream()
            .filter(c -> c.contender().equals(contender) && c.operation().equals(operation))
            .toList();
    List<Cost> timed =
        all.stream().filter(c -> (c.delayMs() < DELAY) == near && c.delayMs() <= DELAY).toList();
    if (timed.isEmpty()) {
      return null;
    }
    Cost most = timed.getFirst();
    for (Cost cost : timed) {
      most = cost.requests() > most.requests() ? cost : most;
    }
    List<Double> sorted = timed.stream().map(Cost::ms).sorted().toList();
    // With a longer delay, requests that are sent together are counted as such more surely.
    int depth =
        all.stream()
            .filter(c -> c.delayMs() > DELAY)
            .mapToInt(Cost::depth)
            .max()
            .orElse(most.depth());
    return new Result(most, sorted.get(sorted.size() / 2), depth);
  }

  private Set<String> operations(boolean cold) {
    return costs.stream()
        .filter(c -> cold == !isWarm(c.operation()))
        .map(Cost::operation)
        .collect(Collectors.toCollection(java.util.LinkedHashSet::new));
  }

  private static boolean isWarm(String operation) {
    return operation.endsWith("MB")
        || operation.endsWith("GB") && !operation.startsWith("open")
        || operation.endsWith("threads");
  }

  private String markdown() {
    StringBuilder out = new StringBuilder("# Results of the comparison\n\n");
    setting.forEach(
        (what, value) ->
            out.append("- ")
                .append(what)
                .append(": ")
                .append(value.replace("\n", " "))
                .append("\n"));
    out.append(
        "\n"
            + "Made by one run of the command in"
            + " [benchmarks/README.md](../../benchmarks/README.md), which says what each row is. ");
    out.append(
        "Times are for a store that takes 20 ms for each request, unless said otherwise; the"
            + " requests do not depend on the machine.\n");
    out.append(
        "`D` is the longest chain of requests that waited for each other, counted at 200 ms a"
            + " request for this library.\n");
    out.append(
        "`polls` are questions for news: GETs of objects that do not exist, or of a byte.\n\n"
            + "## Nothing cached\n\n");
    out.append(
        "| operation | contender | GET | LIST | HEAD | polls | MB | D | time, ms |\n"
            + "|---|---|---|---|---|---|---|---|---|\n");
    for (String operation : operations(true)) {
      for (String contender : contenders()) {
        row(out, operation, contender, result(contender, operation, false), "");
        Result near = result(contender, operation, true);
        row(
            out,
            operation,
            contender,
            near,
            operation.equals("JVM start to first row") ? "" : ", at 0 ms");
      }
    }
    scanNote(out);
    out.append(
        "\n"
            + "## Warm\n\n"
            + "One autocommit query through a prepared statement, microseconds; the contenders of"
            + " this library's process took turns. ");
    out.append(
        "A ratio is the contender's time to this library's: above 1, this library is faster.\n\n");
    out.append("| operation | contender | us | ratio |\n|---|---|---|---|\n");
    for (String operation : operations(false)) {
      Result ours = result(Names.OURS, operation, true);
      for (String contender : contenders()) {
        Result result = result(contender, operation, true);
        if (result != null) {
          out.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %s | %,.2f | %s |%n",
                  operation,
                  contender,
                  result.ms * 1000,
                  ours == null ? "" : String.format(Locale.ROOT, "%.2f", result.ms / ours.ms)));
        }
      }
    }
    return out.toString();
  }

  private static void row(
      StringBuilder out,
      String operation,
      String contender,
      @Nullable Result result,
      String suffix) {
    if (result == null) {
      return;
    }
    Cost c = result.most;
    out.append(
        String.format(
            Locale.ROOT,
            "| %s%s | %s | %s | %s | %s | %s | %.3f | %s | %s |%n",
            operation,
            suffix,
            contender,
            number(c.gets()),
            number(c.lists()),
            number(c.heads()),
            number(c.polls()),
            c.bytes() / 1e6,
            operation.endsWith(A_SECOND) ? "" : result.depth,
            operation.endsWith(A_SECOND) ? "" : time(result.ms)));
  }

  private static String time(double ms) {
    return Double.isNaN(ms) ? "failed" : String.format(Locale.ROOT, ms < 10 ? "%.2f" : "%,.0f", ms);
  }

  private void scanNote(StringBuilder out) {
    Result scan = result(Names.UPSTREAM, SCAN, true);
    if (scan != null) {
      out.append(
          String.format(
              Locale.ROOT,
              "%nThe full scan of %s was run at 0 ms only. Its requests follow each other, so that"
                  + " at 20 ms it takes %,.0f s by calculation: %,.0f requests of 20 ms, and the"
                  + " time above.%n",
              Names.UPSTREAM,
              scan.most.requests() * DELAY / 1000 + scan.ms / 1000,
              scan.most.requests()));
    }
  }

  private List<String> contenders() {
    Map<String, Boolean> all = new LinkedHashMap<>();
    costs.forEach(c -> all.put(c.contender(), true));
    return List.copyOf(all.keySet());
  }

  private static String number(double count) {
    return String.format(Locale.ROOT, count == Math.rint(count) ? "%,.0f" : "%,.2f", count);
  }

  private static final List<String> CHARTED =
      List.of(
          "open + first row, snap",
          "open + first row, steady",
          "100 random lookups",
          "5,000-row range",
          "500 scattered rows by index",
          SCAN,
          "time travel, first");

  private Chart requests() {
    Chart chart =
        new Chart(
            "Requests of S3",
            "LIST, GET and HEAD together; 96 MB database, nothing cached; logarithmic scale",
            List.of(Names.OURS, Names.UPSTREAM, Names.RESTORE));
    for (String operation : CHARTED) {
      bars(chart, operation, r -> r.most.requests(), "%,.0f");
    }
    return chart;
  }

  private Chart times() {
    Chart chart =
        new Chart(
            "Time at 20 ms a request, ms",
            "96 MB database, nothing cached; the extension's full scan is calculated from its"
                + " requests; logarithmic scale",
            List.of(Names.OURS, Names.UPSTREAM, Names.RESTORE));
    for (String operation : CHARTED) {
      bars(
          chart,
          operation,
          r -> r.most.delayMs() == DELAY ? r.ms : r.most.requests() * DELAY + r.ms,
          "%,.0f");
    }
    return chart;
  }

  /** What a chart shows of a result. */
  private interface Measure {
    double of(Result result);
  }

  private void bars(Chart chart, String operation, Measure measure, String format) {
    List<Double> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (String contender : List.of(Names.OURS, Names.UPSTREAM, Names.RESTORE)) {
      Result result = result(contender, operation, false);
      if (result == null) {
        result = result(contender, operation, true);
      }
      values.add(result == null ? Double.NaN : measure.of(result));
      texts.add(result == null ? "" : String.format(Locale.ROOT, format, measure.of(result)));
    }
    chart.add(operation, values, texts);
  }

  private Chart warm() {
    List<String> series = List.of(Names.OURS, Names.LOCAL, Names.LOCAL_WAL, Names.UPSTREAM);
    Chart chart =
        new Chart(
            "Warm queries, microseconds",
            "One autocommit query through JDBC, all pages read before; logarithmic scale",
            series);
    for (String operation :
        List.of(
            "hot lookup, 96 MB",
            "random lookup, 96 MB",
            "hot lookup, 1 GB",
            "random lookup, 1 GB",
            "full scan, 96 MB",
            "full scan, 1 GB")) {
      List<Double> values = new ArrayList<>();
      List<String> texts = new ArrayList<>();
      for (String contender : series) {
        Result result = result(contender, operation, true);
        values.add(result == null ? Double.NaN : result.ms * 1000);
        texts.add(
            result == null
                ? ""
                : String.format(
                    Locale.ROOT, result.ms < 0.1 ? "%,.1f" : "%,.0f", result.ms * 1000));
      }
      chart.add(operation, values, texts);
    }
    return chart;
  }
}

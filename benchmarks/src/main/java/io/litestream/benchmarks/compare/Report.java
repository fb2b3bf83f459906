package io.litestream.benchmarks.compare;

import io.litestream.benchmarks.compare.Results.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results as Markdown, JSON and charts. Whoever reads them learns from them alone what is
 * missing, and why.
 */
final class Report {

  static final String SCAN = "full scan";

  /** Ends the names of rates. */
  private static final String A_SECOND = ": a second";

  private final Results results;
  private final Map<String, Chart> charts;
  private final StringBuilder out = new StringBuilder();

  Report(Results results) {
    this.results = results;
    charts = new Charts(results).all();
  }

  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("results.md"), markdown());
    ObjectMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Files.writeString(
        directory.resolve("results.json"), json.writeValueAsString(everything()) + "\n");
    for (Map.Entry<String, Chart> chart : charts.entrySet()) {
      Path file = directory.resolve(chart.getKey());
      if (chart.getValue().isEmpty()) {
        Files.deleteIfExists(file); // an earlier run's
      } else {
        Files.writeString(file, chart.getValue().svg());
      }
    }
  }

  private Map<String, Object> everything() {
    Map<String, String> failures = new LinkedHashMap<>();
    results.failures().forEach((run, reason) -> failures.put(run.toString(), reason));
    Map<String, Long> seconds = new LinkedHashMap<>();
    results
        .times()
        .forEach((run, time) -> seconds.merge(run.toString(), time.toSeconds(), Long::sum));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("setting", results.setting());
    all.put("notRun", results.pending().stream().map(Run::toString).toList());
    all.put("leftOut", results.leftOut());
    all.put("failures", failures);
    all.put("seconds", seconds);
    all.put("costs", results.costs());
    return all;
  }

  private String markdown() {
    out.append("# Results of the comparison\n\n");
    results.setting().forEach((what, value) -> line("- %s: %s", what, value.replace("\n", " ")));
    line("");
    caveats();
    line(
        "Written by the command in [benchmarks/README.md](../../benchmarks/README.md), which says"
            + " what each row is. Times are for a store");
    line(
        "that takes %d ms for each request, unless said otherwise; the requests do not depend on"
            + " the machine.",
        Plan.S3);
    line("");
    line(
        "- `D` is the longest chain of requests that waited for each other, counted at 200 ms a"
            + " request for this library.");
    line("- `polls` are questions for news: GETs of objects that do not exist, or of a byte.");
    line(
        "- `hedges` are second requests for what was late. Hedging is off unless the row says so.");
    line(
        "- The replica of 100 GB is computed from the page number, which only the stub can do: its"
            + " row is in that table.");
    charts.forEach(
        (file, chart) -> {
          if (!chart.isEmpty()) {
            line("");
            line("![%s](%s)", chart.title(), file);
          }
        });
    results.stores().forEach(this::cold);
    warm();
    return out.toString();
  }

  /** What would make a reader believe too much. */
  private void caveats() {
    if (Setting.wasBusy(results.setting())) {
      line(
          "**The machine was not idle before the run.** Requests and bytes do not depend on that,"
              + " times do: read no time that is less than twice another as a difference.");
      line("");
    }
    if (!results.pending().isEmpty()) {
      line("**The run was stopped before its end.** These parts were not run any more:");
      line("");
      results.pending().forEach(run -> line("- %s", run));
      line("");
    }
    if (!results.leftOut().isEmpty()) {
      line("Not part of this run: %s.", String.join("; ", results.leftOut()));
      line("");
    }
    if (!results.failures().isEmpty()) {
      line("**These parts failed**, and rows of them are missing below:");
      line("");
      results.failures().forEach((run, reason) -> line("- %s: `%s`", run, reason));
      line("");
    }
  }

  private void cold(String store) {
    line("");
    line("## Nothing cached, on %s", store);
    line("");
    line("| operation | contender | GET | hedges | LIST | HEAD | polls | MB | D | time, ms |");
    line("|---|---|---|---|---|---|---|---|---|---|");
    for (String operation : results.operations(store)) {
      for (String contender : results.contenders()) {
        Result delayed = results.cold(store, contender, operation);
        Result near = results.undelayed(store, contender, operation);
        row(operation, contender, delayed, delayed == null ? "" : time(delayed.ms()));
        row(operation + ", at 0 ms", contender, near, near == null ? "" : time(near.ms()));
        if (delayed == null && near != null && operation.equals(SCAN)) {
          row(operation, contender, near, time(calculated(near)) + " (calculated)");
        }
      }
    }
    if (results.undelayed(store, Names.UPSTREAM, SCAN) != null) {
      line("");
      line(
          "The full scan of %s was run at 0 ms only. Its requests follow each other, so that"
              + " each adds %d ms: the time marked as calculated.",
          Names.UPSTREAM, Plan.S3);
    }
  }

  /** The time at the usual delay of requests that follow each other. */
  static double calculated(Result undelayed) {
    return undelayed.most().requests() * Plan.S3 + undelayed.ms();
  }

  private void row(String operation, String contender, @Nullable Result result, String time) {
    if (result == null) {
      return;
    }
    Cost c = result.most();
    boolean rate = operation.endsWith(A_SECOND);
    boolean start = operation.equals(Cost.START);
    line(
        "| %s | %s | %s | %s | %s | %s | %s | %.3f | %s | %s |",
        operation,
        contender,
        start ? "" : number(c.gets()),
        start ? "" : number(c.hedges()),
        start ? "" : number(c.lists()),
        start ? "" : number(c.heads()),
        start ? "" : number(c.polls()),
        c.bytes() / 1e6,
        rate || start ? "" : result.depth(),
        rate ? "" : time);
  }

  private void warm() {
    if (results.warmOperations().isEmpty()) {
      return;
    }
    line("");
    line("## Warm, on %s", String.join(" and ", results.warmStores()));
    line("");
    line("All pages were read before; the store answers at once who asks it nevertheless.");
    line(
        "One autocommit query through a prepared statement, microseconds; the contenders of this"
            + " library's process took turns.");
    line("A ratio is the contender's time to this library's: above 1, this library is faster.");
    line("");
    line("| operation | contender | us | ratio |");
    line("|---|---|---|---|");
    for (String operation : results.warmOperations()) {
      Result ours = results.warm(Names.OURS, operation);
      for (String contender : results.contenders()) {
        Result result = results.warm(contender, operation);
        if (result != null) {
          String ratio = ours == null ? "" : text("%.2f", result.ms() / ours.ms());
          line("| %s | %s | %,.2f | %s |", operation, contender, result.ms() * 1000, ratio);
        }
      }
    }
  }

  private static String time(double ms) {
    return text(ms < 10 ? "%.2f" : "%,.0f", ms);
  }

  private static String number(double count) {
    return text(count == Math.rint(count) ? "%,.0f" : "%,.2f", count);
  }

  private void line(String format, Object... values) {
    out.append(text(format, values)).append('\n');
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

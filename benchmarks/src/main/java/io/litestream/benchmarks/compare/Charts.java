package io.litestream.benchmarks.compare;

import io.litestream.benchmarks.compare.Results.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The results' charts. Each says what was measured, when and of which commit. */
final class Charts {

  private static final List<String> COLD =
      List.of(
          "open + first row, snap",
          "open + first row, steady",
          "100 random lookups",
          "5,000-row range",
          "500 scattered rows by index",
          Report.SCAN,
          "time travel, first");

  private static final List<String> COLD_CONTENDERS =
      List.of(Names.OURS, Names.UPSTREAM, Names.RESTORE);

  private static final List<String> WARM =
      List.of(
          "hot lookup, 96 MB",
          "random lookup, 96 MB",
          "hot lookup, 1 GB",
          "random lookup, 1 GB",
          "full scan, 96 MB",
          "full scan, 1 GB");

  private static final List<String> WARM_CONTENDERS =
      List.of(Names.OURS, Names.LOCAL, Names.LOCAL_WAL, Names.UPSTREAM);

  private final Results results;
  private final String store;
  private final String made;

  Charts(Results results) {
    this.results = results;
    store = results.stores().stream().findFirst().orElse(Names.STUB);
    Map<String, String> setting = results.setting();
    made = "; " + setting.get(Setting.DATE) + ", commit " + setting.get(Setting.COMMIT);
  }

  /** By the names of their files. */
  Map<String, Chart> all() {
    Map<String, Chart> charts = new LinkedHashMap<>();
    charts.put("requests.svg", requests());
    charts.put("times.svg", times());
    charts.put("warm.svg", warm());
    return charts;
  }

  private Chart requests() {
    Chart chart =
        new Chart(
            "Requests of S3",
            "LIST, GET and HEAD together; 96 MB database on "
                + store
                + ", nothing cached; logarithmic scale"
                + made,
            COLD_CONTENDERS);
    addCold(chart, r -> r.most().requests());
    return chart;
  }

  private Chart times() {
    Chart chart =
        new Chart(
            "Time at " + Plan.S3 + " ms a request, ms",
            "96 MB database on "
                + store
                + ", nothing cached; the extension's full scan is calculated from its requests;"
                + " logarithmic scale"
                + made,
            COLD_CONTENDERS);
    addCold(chart, r -> r.most().delayMs() == Plan.S3 ? r.ms() : Report.calculated(r));
    return chart;
  }

  /** Where a contender was not measured at the usual delay, the row without one stands in. */
  private void addCold(Chart chart, ToDoubleFunction<Result> measure) {
    for (String operation : COLD) {
      List<@Nullable Result> row = new ArrayList<>();
      for (String contender : COLD_CONTENDERS) {
        Result result = results.cold(store, contender, operation);
        row.add(result == null ? results.undelayed(store, contender, operation) : result);
      }
      add(chart, operation, row, measure, "%,.0f");
    }
  }

  private Chart warm() {
    Chart chart =
        new Chart(
            "Warm queries, microseconds",
            "One autocommit query through JDBC, all pages read before; logarithmic scale" + made,
            WARM_CONTENDERS);
    for (String operation : WARM) {
      List<@Nullable Result> row = new ArrayList<>();
      for (String contender : WARM_CONTENDERS) {
        row.add(results.warm(contender, operation));
      }
      add(chart, operation, row, r -> r.ms() * 1000, "%,.1f");
    }
    return chart;
  }

  private static void add(
      Chart chart,
      String operation,
      List<@Nullable Result> row,
      ToDoubleFunction<Result> measure,
      String format) {
    List<Double> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (Result result : row) {
      double value = result == null ? Double.NaN : measure.applyAsDouble(result);
      values.add(value);
      texts.add(result == null ? "" : String.format(Locale.ROOT, format, value));
    }
    chart.add(operation, values, texts);
  }
}

package io.litestream.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars in groups, on a logarithmic scale, as SVG. */
final class Chart {

  private static final int WIDTH = 860;
  private static final int LABELS = 250;
  private static final int NUMBERS = 90;
  private static final int BAR = 16;
  private static final int GROUP_GAP = 12;
  private static final int HEAD = 74;
  private static final String[] COLORS = {"#1f77b4", "#d95f02", "#7f7f7f", "#2ca02c", "#b8860b"};

  private final String title;
  private final String measured;
  private final List<String> series;
  private final StringBuilder bars = new StringBuilder();
  private final List<Row> rows = new ArrayList<>();

  /** A group of bars; NaN where a series has none. */
  private record Row(String label, List<Double> values, List<String> texts) {}

  /**
   * @param measured what was measured and how, below the title
   * @param series the bars of every group, from above
   */
  Chart(String title, String measured, List<String> series) {
    this.title = title;
    this.measured = measured;
    this.series = series;
  }

  /** Adds a group; one in which no series has a bar is left out. */
  void add(String label, List<Double> values, List<String> texts) {
    if (!values.stream().allMatch(value -> value.isNaN())) {
      rows.add(new Row(label, values, texts));
    }
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  String title() {
    return title;
  }

  String svg() {
    double least = Double.MAX_VALUE;
    double most = 0;
    for (Row row : rows) {
      for (double value : row.values) {
        if (value > 0) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
    }
    if (most == 0) {
      return head(HEAD) + "</svg>\n";
    }
    double from = Math.floor(Math.log10(least) - 0.3);
    double to = Math.max(from + 1, Math.log10(most));
    int y = HEAD;
    for (Row row : rows) {
      y = row(row, y, from, to) + GROUP_GAP;
    }
    return head(y) + bars + "</svg>\n";
  }

  private String head(int height) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
            WIDTH,
            height,
            WIDTH));
    out.append(text(10, 22, "16\" font-weight=\"bold", title));
    out.append(text(10, 40, "11\" fill=\"#555555", measured));
    int x = 10;
    for (int i = 0; i < series.size(); i++) {
      out.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"50\" width=\"10\" height=\"10\" fill=\"%s\"/>%n",
              x,
              COLORS[i]));
      out.append(text(x + 14, 59, "12", series.get(i)));
      x += 34 + 7 * series.get(i).length();
    }
    return out.toString();
  }

  private int row(Row row, int top, double from, double to) {
    int y = top;
    bars.append(text(10, y + BAR - 4, "12", row.label));
    for (int i = 0; i < series.size(); i++) {
      double value = row.values.get(i);
      if (Double.isNaN(value)) {
        continue;
      }
      double share = value <= 0 ? 0 : (Math.log10(value) - from) / (to - from);
      double length = Math.max(1, share * (WIDTH - LABELS - NUMBERS));
      bars.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
              LABELS,
              y,
              length,
              BAR - 2,
              COLORS[i]));
      bars.append(text(LABELS + (int) length + 5, y + BAR - 4, "11", row.texts.get(i)));
      y += BAR;
    }
    return y;
  }

  private static String text(int x, int y, String size, String text) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%d\" y=\"%d\" font-size=\"%s\">%s</text>%n",
        x,
        y,
        size,
        text.replace("&", "&amp;").replace("<", "&lt;"));
  }
}

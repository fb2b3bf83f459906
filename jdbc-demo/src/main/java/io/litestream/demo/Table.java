package io.litestream.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table of text. Columns that hold only numbers are flush right; what is too wide is cut, widest
 * columns first; columns that do not even fit then are left out, with a note.
 */
final class Table {

  /** A column narrower than this says nothing. */
  private static final int NARROWEST = 8;

  private static final String GAP = "  ";
  private static final String MARK = " *";
  private static final String NO_MARK = "  ";

  /**
   * A value.
   *
   * @param text on one line
   * @param marked whether a star follows it
   */
  record Cell(String text, boolean marked) {

    static final Cell EMPTY = new Cell("", false);

    /** A value of a database. */
    static Cell of(@Nullable String value) {
      return new Cell(value == null ? "NULL" : value, false);
    }

    Cell mark(boolean mark) {
      return new Cell(text, mark);
    }

    private boolean number() {
      return text.isEmpty()
          || text.equals("NULL")
          || text.equals(Comparison.NO_ROW)
          || text.matches("-?[0-9][0-9.,]*(E-?[0-9]+)?");
    }
  }

  private final List<String> header;
  private final List<List<Cell>> rows = new ArrayList<>();

  Table(List<String> header) {
    this.header = List.copyOf(header);
  }

  /** Adds a row with a cell for each column. */
  Table row(List<Cell> cells) {
    if (cells.size() != header.size()) {
      throw new IllegalArgumentException(cells.size() + " cells for " + header.size() + " columns");
    }
    rows.add(List.copyOf(cells));
    return this;
  }

  /** Adds a row of plain texts. */
  Table row(String... texts) {
    return row(Arrays.stream(texts).map(Cell::of).toList());
  }

  /** The lines, none wider than {@code width}, without blanks at their ends. */
  List<String> lines(int width) {
    int shown = Math.min(header.size(), Math.max(1, (width + GAP.length()) / (NARROWEST + 2)));
    int[] widths = new int[shown];
    for (int c = 0; c < shown; c++) {
      widths[c] = natural(c);
    }
    shrink(widths, width - GAP.length() * (shown - 1));
    List<String> lines = new ArrayList<>();
    lines.add(line(header.stream().map(Cell::of).toList(), widths));
    lines.add(
        String.join(GAP, Arrays.stream(widths).mapToObj("-"::repeat).toList()).stripTrailing());
    rows.forEach(row -> lines.add(line(row, widths)));
    if (shown < header.size()) {
      lines.add("(" + (header.size() - shown) + " more columns do not fit)");
    }
    return lines;
  }

  private int natural(int column) {
    int cells = rows.stream().mapToInt(r -> Text.width(r.get(column).text())).max().orElse(0);
    return Math.max(Text.width(header.get(column)), cells) + markWidth(column);
  }

  private int markWidth(int column) {
    return rows.stream().anyMatch(r -> r.get(column).marked()) ? MARK.length() : 0;
  }

  private boolean numbers(int column) {
    return !rows.isEmpty() && rows.stream().allMatch(r -> r.get(column).number());
  }

  private static void shrink(int[] widths, int space) {
    while (Arrays.stream(widths).sum() > space) {
      int widest =
          IntStream.range(0, widths.length)
              .reduce((a, b) -> widths[b] > widths[a] ? b : a)
              .orElse(0);
      if (widths[widest] <= NARROWEST) {
        return;
      }
      widths[widest]--;
    }
  }

  private String line(List<Cell> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      int mark = markWidth(c);
      int space = widths[c] - mark;
      String text = Text.cut(cells.get(c).text(), space);
      String blanks = " ".repeat(space - Text.width(text));
      String star = mark == 0 ? "" : cells.get(c).marked() ? MARK : NO_MARK;
      line.append(c == 0 ? "" : GAP);
      line.append(numbers(c) ? blanks + text + star : text + star + blanks);
    }
    return line.toString().stripTrailing();
  }
}

package io.litestream.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answers to one query at several instants, as one table: a line for each row and value, a
 * column for each instant. A value that differs from the one at its left has a star.
 *
 * <p>Rows of different instants belong together when their first values are equal, or, where that
 * column is not unique or there is but one row, by their positions.
 */
final class Comparison {

  /** Stands where an instant does not have a row. */
  static final String NO_ROW = ".";

  private final List<Rows> answers;
  private final boolean keyed;
  private final List<Map<String, List<@Nullable String>>> byKey = new ArrayList<>();

  /**
   * @param answers at least one
   */
  Comparison(List<Rows> answers) {
    this.answers = List.copyOf(answers);
    this.keyed =
        answers.stream().anyMatch(a -> a.rows().size() > 1)
            && answers.stream().allMatch(Comparison::hasKey);
    for (Rows answer : answers) {
      Map<String, List<@Nullable String>> rows = new HashMap<>();
      for (int i = 0; i < answer.rows().size(); i++) {
        rows.put(key(answer, i), answer.rows().get(i));
      }
      byKey.add(rows);
    }
  }

  private static boolean hasKey(Rows answer) {
    Set<@Nullable String> seen = new HashSet<>();
    return answer.columns().size() > 1
        && answer.rows().stream().allMatch(row -> row.get(0) != null && seen.add(row.get(0)));
  }

  private String key(Rows answer, int row) {
    return keyed ? String.valueOf(answer.rows().get(row).get(0)) : String.valueOf(row + 1);
  }

  /**
   * The table.
   *
   * @param instants heads of the columns, one for each answer
   */
  Table table(List<String> instants) {
    List<String> columns = columns();
    List<String> values = keyed ? columns.subList(1, columns.size()) : columns;
    List<String> header = new ArrayList<>(List.of(keyed ? columns.get(0) : "row", ""));
    header.addAll(instants);
    Table table = new Table(header);
    for (String key : keys()) {
      for (int v = 0; v < values.size(); v++) {
        List<Table.Cell> line = new ArrayList<>();
        line.add(v == 0 ? Table.Cell.of(key) : Table.Cell.EMPTY);
        line.add(Table.Cell.of(values.get(v)));
        addCells(line, key, values.get(v));
        table.row(line);
      }
    }
    return table;
  }

  private void addCells(List<Table.Cell> line, String key, String column) {
    Table.Cell left = null;
    for (int i = 0; i < answers.size(); i++) {
      int at = answers.get(i).columns().indexOf(column);
      List<@Nullable String> row = byKey.get(i).get(key);
      Table.Cell cell =
          row == null || at < 0 ? new Table.Cell(NO_ROW, false) : Table.Cell.of(row.get(at));
      line.add(cell.mark(left != null && !left.text().equals(cell.text())));
      left = cell;
    }
  }

  /** All columns, in order; "SELECT *" has others after an ALTER TABLE. */
  private List<String> columns() {
    return merge(answers.stream().map(Rows::columns).toList());
  }

  private List<String> keys() {
    List<List<String>> keys = new ArrayList<>();
    for (Rows answer : answers) {
      List<String> own = new ArrayList<>();
      for (int i = 0; i < answer.rows().size(); i++) {
        own.add(key(answer, i));
      }
      keys.add(own);
    }
    return merge(keys);
  }

  /** Every element once; what a list adds comes after what precedes it there. */
  private static List<String> merge(List<List<String>> lists) {
    List<String> merged = new ArrayList<>();
    for (List<String> list : lists) {
      int at = 0;
      for (String element : list) {
        int found = merged.indexOf(element);
        if (found < 0) {
          merged.add(at, element);
          found = at;
        }
        at = found + 1;
      }
    }
    return merged;
  }
}

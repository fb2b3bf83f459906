package io.litestream.demo;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a query, as text.
 *
 * @param rows the first {@link #LIMIT}
 * @param more whether there are more than that
 */
record Rows(List<String> columns, List<List<@Nullable String>> rows, boolean more) {

  /** What a reader of a terminal can take in. */
  static final int LIMIT = 40;

  private static final int BLOB_BYTES = 16;

  static Rows of(Statement statement, String sql) throws SQLException {
    try (ResultSet result = statement.executeQuery(sql)) {
      ResultSetMetaData meta = result.getMetaData();
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= meta.getColumnCount(); i++) {
        columns.add(Text.oneLine(meta.getColumnLabel(i)));
      }
      List<List<@Nullable String>> rows = new ArrayList<>();
      boolean more = false;
      while (!more && result.next()) {
        if (rows.size() == LIMIT) {
          more = true;
        } else {
          rows.add(row(result, columns.size()));
        }
      }
      return new Rows(columns, rows, more);
    }
  }

  private static List<@Nullable String> row(ResultSet result, int columns) throws SQLException {
    List<@Nullable String> row = new ArrayList<>();
    for (int i = 1; i <= columns; i++) {
      Object value = result.getObject(i);
      if (value instanceof byte[] blob) {
        row.add(blob(blob));
      } else {
        row.add(value == null ? null : Text.oneLine(value.toString()));
      }
    }
    return Collections.unmodifiableList(row);
  }

  private static String blob(byte[] bytes) {
    int shown = Math.min(bytes.length, BLOB_BYTES);
    String hex = HexFormat.of().formatHex(bytes, 0, shown);
    return "x'" + hex + (shown < bytes.length ? "... " + bytes.length + " bytes" : "'");
  }

  /** The rows as they are. */
  Table table() {
    Table table = new Table(columns);
    rows.forEach(row -> table.row(row.stream().map(Table.Cell::of).toList()));
    return table;
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.sqlite.SQLiteException;

/** The errors of docs/errors.md. */
final class ErrorTable {

  private static final Path DOCUMENT = Path.of("../docs/errors.md");
  private static final int COLUMNS = 7;

  /** Where a text is another one each time. */
  private static final String ANY = "...";

  private ErrorTable() {}

  /**
   * An error.
   *
   * @param name what its scenario is known by
   * @param text the whole text, with "..." for what differs
   * @param cause the simple name of the cause's class; empty where there is none
   */
  record Row(
      String name, String text, String state, String type, int code, String cause, String remedy) {

    private static Row of(List<String> cells) {
      return new Row(
          cells.get(0),
          cells.get(1),
          cells.get(2),
          cells.get(3),
          Integer.parseInt(cells.get(4)),
          cells.get(5),
          cells.get(6));
    }

    private Pattern pattern() {
      return Pattern.compile(
          Arrays.stream(text.split(Pattern.quote(ANY), -1))
              .map(Pattern::quote)
              .collect(Collectors.joining(".+")),
          Pattern.DOTALL);
    }

    /** Fails unless the exception is the one of this row, and has sqlite-jdbc's own in it. */
    void assertDescribes(SQLException e) {
      assertThat(String.valueOf(e.getMessage())).matches(pattern());
      assertThat(e.getClass().getSimpleName()).isEqualTo(type);
      assertThat(e.getSQLState()).isEqualTo(state);
      assertThat(e.getErrorCode()).isEqualTo(code);
      Throwable why = e.getCause();
      assertThat(why == null ? "" : why.getClass().getSimpleName()).isEqualTo(cause);
      if (!cause.isEmpty() && code != 0 && !cause.equals("IllegalArgumentException")) {
        assertThat(originals(e)).as("sqlite-jdbc's exception").isNotEmpty();
      }
    }

    private static List<Throwable> originals(SQLException e) {
      List<Throwable> all = new ArrayList<>();
      for (Throwable t = e; t != null; t = t.getCause()) {
        all.add(t);
        all.addAll(Arrays.asList(t.getSuppressed()));
      }
      all.removeIf(t -> !(t instanceof SQLiteException));
      return all;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Row> rows() throws IOException {
    return cells(Files.readString(DOCUMENT)).stream()
        .filter(cells -> cells.size() == COLUMNS)
        .map(Row::of)
        .toList();
  }

  /** The rows of the first table of a document's section. */
  static List<List<String>> after(Path document, String heading) throws IOException {
    String text = Files.readString(document);
    String section = text.substring(text.indexOf("\n" + heading + "\n") + heading.length() + 2);
    return cells(section.split("\n#", 2)[0]);
  }

  /** The rows that begin with a code span. */
  private static List<List<String>> cells(String text) {
    return text.lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.substring(1, line.length() - 1).split("\\|", -1))
        .map(cells -> Arrays.stream(cells).map(c -> c.strip().replace("`", "")).toList())
        .toList();
  }
}

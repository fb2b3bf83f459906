package io.litestream.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.demo.Table.Cell;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TableTest {

  @Test
  void numbersAreFlushRightAndTextIsFlushLeft() {
    Table table = new Table(List.of("name", "n")).row("Espresso", "2.5").row("Tea", "-10");

    assertThat(table.lines(100))
        .containsExactly("name        n", "--------  ---", "Espresso  2.5", "Tea       -10");
  }

  @Test
  void nullIsShownAndLeavesAColumnOfNumbersOne() {
    Table table = new Table(List.of("value"));
    table.row(List.of(Cell.of(null))).row(List.of(Cell.of("1e3"))).row(List.of(Cell.of("7")));

    assertThat(table.lines(100)).containsExactly("value", "-----", "NULL", "1e3", "7");

    Table numbers = new Table(List.of("value"));
    numbers.row(List.of(Cell.of(null))).row(List.of(Cell.of("7")));
    assertThat(numbers.lines(100)).containsExactly("value", "-----", " NULL", "    7");
  }

  @Test
  void markedNumbersStayAligned() {
    Table table = new Table(List.of("n"));
    table.row(List.of(new Cell("100", false))).row(List.of(new Cell("7", true)));

    assertThat(table.lines(100)).containsExactly("  n", "-----", "100", "  7 *");
  }

  @Test
  void wideValuesAreCutWidestFirst() {
    Table table = new Table(List.of("a", "b")).row("x".repeat(300), "short").row("y", "z");

    List<String> lines = table.lines(40);

    assertThat(lines).allMatch(line -> line.length() <= 40);
    assertThat(lines.get(2)).isEqualTo("x".repeat(30) + "...  short");
  }

  @Test
  void columnsThatDoNotFitAreCounted() {
    List<String> names = IntStream.range(0, 30).mapToObj(i -> "column" + i).toList();
    Table table = new Table(names);
    table.row(Collections.nCopies(30, Cell.of("a long enough value")));

    List<String> lines = table.lines(100);

    assertThat(lines).allMatch(line -> line.length() <= 100);
    assertThat(lines.getLast()).isEqualTo("(20 more columns do not fit)");
  }

  @Test
  void cutsBetweenCodePoints() {
    String coffee = "\u2615\uD83D\uDE00".repeat(20);

    String cut = Text.cut(coffee, 10);

    assertThat(Text.width(cut)).isEqualTo(10);
    assertThat(cut).endsWith("...").startsWith("\u2615\uD83D\uDE00");
    assertThat(cut.chars().filter(c -> Character.isSurrogate((char) c)).count()).isEven();
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() {
    assertThat(Text.oneLine("a\nb\tc\r\u001b[31m\u009b")).isEqualTo("a\\nb\\tc\\r\\x1b[31m\\x9b");
  }

  @Test
  void aRowHasACellForEachColumn() {
    Table table = new Table(List.of("a", "b"));

    assertThatThrownBy(() -> table.row("only one")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEmptyTableIsItsHead() {
    String head = new Table(List.of("a", "b")).lines(100).stream().collect(Collectors.joining("|"));

    assertThat(head).isEqualTo("a  b|-  -");
  }
}

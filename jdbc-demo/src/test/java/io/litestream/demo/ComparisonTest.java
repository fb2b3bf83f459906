package io.litestream.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  @Test
  void rowsAreMatchedByTheirFirstValue() {
    Rows before = rows("name price", "Tea 1", "Water 2");
    Rows after = rows("name price", "Tea 1", "Cake 4", "Water 3");

    assertThat(lines(before, after))
        .containsExactly(
            "name          1  2",
            "-----  -----  -  ---",
            "Tea    price  1  1",
            "Cake   price  .  4 *",
            "Water  price  2  3 *");
  }

  @Test
  void aRowThatIsGoneKeepsItsPlace() {
    Rows before = rows("name price", "Tea 1", "Cake 4", "Water 2");
    Rows after = rows("name price", "Tea 1", "Water 2");

    assertThat(lines(before, after))
        .containsSubsequence("Cake   price  4  . *", "Water  price  2  2");
  }

  @Test
  void aFirstColumnThatIsNotUniqueMakesPositionsTheKey() {
    Rows before = rows("name price", "Tea 1", "Tea 2");
    Rows after = rows("name price", "Tea 1", "Tea 3");

    assertThat(lines(before, after))
        .containsExactly(
            "row         1    2",
            "---  -----  ---  -----",
            "  1  name   Tea  Tea",
            "     price  1    1",
            "  2  name   Tea  Tea",
            "     price  2    3 *");
  }

  @Test
  void oneRowIsComparedColumnByColumn() {
    assertThat(lines(rows("count sum", "6 881"), rows("count sum", "5 881")))
        .containsExactly(
            "row           1    2",
            "---  -----  ---  -----",
            "  1  count    6    5 *",
            "     sum    881  881");
  }

  @Test
  void nullDiffersFromAValueAndFromNoRow() {
    Rows there = new Rows(List.of("a", "b"), List.of(row("k", "1"), row("l", "1")), false);
    Rows unset = new Rows(List.of("a", "b"), List.of(row("k", null), row("l", "1")), false);
    Rows gone = new Rows(List.of("a", "b"), List.of(row("l", "1")), false);

    assertThat(lines(there, unset, gone)).contains("k  b  1  NULL *  . *");
  }

  @Test
  void aNewColumnIsMissingBefore() {
    Rows before = rows("id a", "1 x", "2 y");
    Rows after = rows("id a b", "1 x p", "2 y q");

    assertThat(lines(before, after)).contains("    b  .  p *").contains(" 2  a  y  y");
  }

  @Test
  void noRowsAnywhereIsAnEmptyTable() {
    assertThat(lines(rows("id a"), rows("id a"))).hasSize(2);
  }

  private static List<String> lines(Rows... answers) {
    List<String> heads = new ArrayList<>();
    for (int i = 1; i <= answers.length; i++) {
      heads.add(Integer.toString(i));
    }
    return new Comparison(List.of(answers)).table(heads).lines(100);
  }

  private static Rows rows(String columns, String... rows) {
    List<List<@Nullable String>> list = new ArrayList<>();
    for (String row : rows) {
      list.add(row(row.split(" ")));
    }
    return new Rows(List.of(columns.split(" ")), list, false);
  }

  private static List<@Nullable String> row(@Nullable String... values) {
    return Arrays.asList(values);
  }
}

package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.conformance.ErrorScene.Scenario;
import io.litestream.jdbc.conformance.ErrorTable.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each error of docs/errors.md, provoked through the driver. */
@ExtendWith({LeakCheck.class, S3.class})
class ErrorsTest {

  private static final Map<String, Scenario> SCENARIOS = scenarios();

  private static final Path README = Path.of("../README.md");

  @TempDir Path temp;

  private static Map<String, Scenario> scenarios() {
    Map<String, Scenario> all = new HashMap<>();
    for (Map<String, Scenario> some :
        List.of(
            OpenErrors.all(),
            StoreErrors.all(),
            TravelErrors.all(),
            StatementErrors.all(),
            StopErrors.all())) {
      all.putAll(some);
    }
    return all;
  }

  /** The first request of a JVM takes long, and scenarios have short timeouts. */
  @BeforeAll
  static void warmUp(@TempDir Path temp) throws Exception {
    try (ErrorScene scene = new ErrorScene(temp)) {
      scene.openS3(scene.s3());
    }
  }

  static List<Row> rows() throws IOException {
    return ErrorTable.rows();
  }

  @Test
  void readmeHasTheMostCommonOfThem() throws IOException {
    List<List<String>> all = rows().stream().map(row -> List.of(row.text(), row.remedy())).toList();
    List<List<String>> readme = ErrorTable.after(README, "### When something fails");
    assertThat(readme).hasSizeBetween(10, 20).allSatisfy(row -> assertThat(all).contains(row));
  }

  @Test
  void eachScenarioHasARowAndEachRowAScenario() throws IOException {
    assertThat(rows())
        .extracting(Row::name)
        .containsExactlyInAnyOrderElementsOf(SCENARIOS.keySet());
  }

  @ParameterizedTest
  @MethodSource("rows")
  @SuppressWarnings("NullAway") // the test above
  void isThrownAsDocumented(Row row) throws Exception {
    SQLException thrown = null;
    try (ErrorScene scene = new ErrorScene(temp)) {
      SCENARIOS.get(row.name()).provoke(scene);
    } catch (SQLException e) {
      thrown = e;
    }
    assertThat((Throwable) thrown).as("what the scenario ends with").isNotNull();
    row.assertDescribes(thrown);
  }
}

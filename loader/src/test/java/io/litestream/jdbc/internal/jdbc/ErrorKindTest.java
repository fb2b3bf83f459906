package io.litestream.jdbc.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorKindTest {

  private static final Pattern ROW =
      Pattern.compile("^\\| ([0-9A-Z]{5}) \\| `(\\w+)` \\|", Pattern.MULTILINE);

  @Test
  void theDocumentListsThemAll() throws IOException {
    String document = Files.readString(Path.of("../docs/errors.md"));
    List<String> rows =
        ROW.matcher(document).results().map(m -> m.group(1) + " " + m.group(2)).toList();
    List<String> kinds =
        Arrays.stream(ErrorKind.values())
            .map(kind -> kind.exception("text", 1, null))
            .map(e -> e.getSQLState() + " " + e.getClass().getSimpleName())
            .toList();
    assertThat(rows).containsExactlyInAnyOrderElementsOf(kinds);
  }

  @ParameterizedTest
  @EnumSource
  void carriesTextCodeAndCause(ErrorKind kind) {
    Throwable cause = new IOException("cause");
    SQLException e = kind.exception("text", 266, cause);
    assertThat((Throwable) e).hasMessage("text").hasCause(cause);
    assertThat(e.getErrorCode()).isEqualTo(266);
  }
}

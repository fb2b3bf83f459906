package io.litestream.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class RequiresTest {

  @Test
  void whatIsMissingAbortsTheTestAndFailsInCi() {
    assertThat(Requires.find("LITESTREAM_TEST_NO_SUCH_VARIABLE")).isEmpty();
    assertThatThrownBy(
            () ->
                Requires.program(
                    "LITESTREAM_TEST_NO_SUCH_VARIABLE", "A test that needs nothing", "do nothing"))
        .isInstanceOf(Requires.inCi() ? AssertionFailedError.class : TestAbortedException.class)
        .hasMessageContaining("A test that needs nothing did not run")
        .hasMessageContaining("do nothing, and set LITESTREAM_TEST_NO_SUCH_VARIABLE");
  }

  @Test
  void whatIsThereGoesOn() {
    Requires.check(true, "This", "why", "how");
    assertThat(Requires.find("PATH")).as("a list of directories is no program").isEmpty();
  }
}

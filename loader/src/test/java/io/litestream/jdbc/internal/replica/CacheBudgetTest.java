package io.litestream.jdbc.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheBudgetTest {

  @ParameterizedTest(name = "{0} MB: {1} MB")
  @CsvSource({"512, 64", "1024, 128", "2048, 256", "65536, 256"})
  void anEighthOfTheMemoryOrLess(long memory, long budget) {
    assertThat(CacheBudget.of(memory << 20)).isEqualTo(budget << 20);
  }
}

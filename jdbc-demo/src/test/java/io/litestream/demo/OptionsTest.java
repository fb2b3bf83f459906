package io.litestream.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {

  @Test
  void nothingIsAskedFor() throws Exception {
    assertThat(Options.parse()).isEqualTo(new Options(null, null, List.of(), 10, false));
  }

  @Test
  void everyOption() throws Exception {
    Options options =
        Options.parse(
            "--replica",
            "file:///r",
            "--sql",
            "SELECT 1",
            "--at",
            "now",
            "--at",
            "1h ago",
            "--states",
            "3",
            "--help");

    assertThat(options)
        .isEqualTo(new Options("file:///r", "SELECT 1", List.of("now", "1h ago"), 3, true));
  }

  @Test
  void wrongOnesAreNamed() {
    refused("unknown option --foo", "--foo");
    refused("--sql needs a value", "--sql");
    refused("--at needs a value", "--at", " ");
    refused("--states needs a number from 1 to 1000, found 0", "--states", "0");
    refused("--states needs a number from 1 to 1000, found many", "--states", "many");
    refused(
        "--at 7 times; at most 6",
        "--at",
        "1",
        "--at",
        "2",
        "--at",
        "3",
        "--at",
        "4",
        "--at",
        "5",
        "--at",
        "6",
        "--at",
        "7");
  }

  private static void refused(String message, String... args) {
    assertThatThrownBy(() -> Options.parse(args))
        .isInstanceOf(Options.UsageException.class)
        .hasMessage(message);
  }
}

package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class SharedCodeTest {

  @Test
  void startsWithAllThatWritesTurnedOff() {
    try (ConfigurableApplicationContext context = start("replica")) {
      Accounts accounts = context.getBean(Accounts.class);
      assertThat(accounts.findById(7).orElseThrow().owner).isEqualTo("owner 7");
      assertThat(accounts.findAll()).hasSizeGreaterThan(7);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "spring.flyway.enabled=true, schema history table",
    "spring.liquibase.enabled=true, this is a read-only replica",
    "spring.sql.init.mode=always, this is a read-only replica"
  })
  void doesNotStartWithAnyOfThemOn(String property, String text) {
    assertThatThrownBy(() -> start("replica", property).close()).hasStackTraceContaining(text);
  }

  private static ConfigurableApplicationContext start(String profile, String... properties) {
    List<String> arguments = new ArrayList<>(List.of("--spring.profiles.active=" + profile));
    for (String property : properties) {
      arguments.add("--" + property);
    }
    return SpringApplication.run(Application.class, arguments.toArray(String[]::new));
  }
}

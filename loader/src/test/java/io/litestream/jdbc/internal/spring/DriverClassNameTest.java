package io.litestream.jdbc.internal.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.LitestreamDriver;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class DriverClassNameTest {

  @Test
  void ourUrlNeedsNoDriver() {
    assertThat(driver(Map.of("spring.datasource.url", "jdbc:litestream:/backup/app.db")))
        .isEqualTo(LitestreamDriver.class.getName());
  }

  @Test
  void theApplicationsOwnDriverWins() {
    Map<String, Object> own =
        Map.of(
            "spring.datasource.url",
            "jdbc:litestream:/backup/app.db",
            "spring.datasource.driver-class-name",
            "com.example.Driver");
    assertThat(driver(own)).isEqualTo("com.example.Driver");
  }

  @Test
  void otherUrlsAreLeftAlone() {
    assertThat(driver(Map.of("spring.datasource.url", "jdbc:h2:mem:"))).isNull();
    assertThat(driver(Map.of())).isNull();
  }

  private static @Nullable String driver(Map<String, Object> properties) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("application", properties));
    new DriverClassName().postProcessEnvironment(environment, new SpringApplication());
    return environment.getProperty("spring.datasource.driver-class-name");
  }
}

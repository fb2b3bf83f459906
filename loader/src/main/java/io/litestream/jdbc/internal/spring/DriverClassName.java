package io.litestream.jdbc.internal.spring;

import io.litestream.jdbc.LitestreamDriver;
import io.litestream.jdbc.internal.config.JdbcUrl;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Lets {@code spring.datasource.url=jdbc:litestream:...} stand alone: Spring Boot knows drivers by
 * a list of its own, and takes an embedded database's for a URL that is not in it. Spring Boot
 * finds this class through {@code META-INF/spring.factories}.
 *
 * <p>The driver's name has the lowest precedence: whatever the application sets wins.
 */
public final class DriverClassName implements EnvironmentPostProcessor, Ordered {

  private static final String URL = "spring.datasource.url";
  private static final String DRIVER = "spring.datasource.driver-class-name";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    String url = environment.getProperty(URL);
    if (JdbcUrl.accepts(url)) {
      Map<String, Object> driver = Map.of(DRIVER, LitestreamDriver.class.getName());
      environment.getPropertySources().addLast(new MapPropertySource("litestream-jdbc", driver));
    }
  }

  /** After the configuration files were read. */
  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }
}

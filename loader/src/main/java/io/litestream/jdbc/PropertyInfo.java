package io.litestream.jdbc;

import io.litestream.jdbc.internal.config.Parameter;
import io.litestream.jdbc.internal.config.Settings;
import java.sql.DriverPropertyInfo;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** What tools show of the parameters. */
final class PropertyInfo {

  private PropertyInfo() {}

  static DriverPropertyInfo[] of(String url, Properties given) {
    Settings settings = settings(url, given);
    return Arrays.stream(Parameter.values())
        .filter(parameter -> parameter != Parameter.REPLICA_URL)
        .map(parameter -> info(parameter, settings.get(parameter)))
        .toArray(DriverPropertyInfo[]::new);
  }

  /** A URL that is still being typed is no error here. */
  private static Settings settings(String url, Properties given) {
    try {
      return LitestreamConfig.parse(url, given).settings();
    } catch (IllegalArgumentException e) {
      return new Settings(Map.of(), Map.of(), null);
    }
  }

  private static DriverPropertyInfo info(Parameter parameter, @Nullable String value) {
    DriverPropertyInfo info =
        new DriverPropertyInfo(parameter.key(), parameter.isSecret() ? null : value);
    info.description = parameter.description();
    if (!parameter.choices().isEmpty()) {
      info.choices = parameter.choices().toArray(String[]::new);
    }
    return info;
  }
}

package io.litestream.jdbc;

import io.litestream.jdbc.internal.config.JdbcUrl;
import io.litestream.jdbc.internal.config.Parameter;
import io.litestream.jdbc.internal.config.Settings;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;

/** What tools show of the parameters. */
final class PropertyInfo {

  private PropertyInfo() {}

  /** A URL that is still being typed is no error here: it counts as far as it can be read. */
  static DriverPropertyInfo[] of(@Nullable String url, Properties given) {
    Settings settings = Settings.unchecked(parameters(url, given));
    List<DriverPropertyInfo> all = new ArrayList<>();
    for (Parameter parameter : Parameter.values()) {
      if (parameter != Parameter.REPLICA_URL) {
        all.add(info(parameter, settings));
      }
    }
    for (DriverPropertyInfo theirs : sqliteJdbcs()) {
      if (Settings.isSqlite(theirs.name)) {
        theirs.value = settings.sqlite().get(theirs.name);
        all.add(theirs);
      }
    }
    return all.toArray(DriverPropertyInfo[]::new);
  }

  private static DriverPropertyInfo[] sqliteJdbcs() {
    try {
      return new JDBC().getPropertyInfo(JDBC.PREFIX, new Properties());
    } catch (SQLException e) {
      throw new IllegalStateException(e); // declared, but it only makes a list
    }
  }

  private static List<Map.Entry<String, String>> parameters(
      @Nullable String url, Properties given) {
    List<Map.Entry<String, String>> all = new ArrayList<>();
    if (url != null && JdbcUrl.accepts(url)) {
      try {
        all.addAll(JdbcUrl.parse(url).parameters().entrySet());
      } catch (IllegalArgumentException e) {
        // connect will say it
      }
    }
    for (String name : given.stringPropertyNames()) {
      all.add(Map.entry(name, given.getProperty(name)));
    }
    return all;
  }

  private static DriverPropertyInfo info(Parameter parameter, Settings settings) {
    DriverPropertyInfo info = new DriverPropertyInfo(parameter.key(), settings.shown(parameter));
    String standard = parameter.standard();
    info.description =
        parameter.description() + (standard.isEmpty() ? "" : " (default: " + standard + ")");
    if (!parameter.choices().isEmpty()) {
      info.choices = parameter.choices().toArray(String[]::new);
    }
    return info;
  }
}

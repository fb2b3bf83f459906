package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.config.Parameter;
import java.sql.DriverPropertyInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig;

/** What tools that list a driver's properties show. */
class PropertyInfoTest {

  private static final LitestreamDriver DRIVER = new LitestreamDriver();

  private static Map<String, DriverPropertyInfo> all(String url, Properties properties) {
    Map<String, DriverPropertyInfo> all = new LinkedHashMap<>();
    for (DriverPropertyInfo info : DRIVER.getPropertyInfo(url, properties)) {
      assertThat(all.put(info.name, info)).as(info.name).isNull();
    }
    return all;
  }

  private static DriverPropertyInfo info(Map<String, DriverPropertyInfo> all, String name) {
    return Objects.requireNonNull(all.get(name), name);
  }

  private static Properties properties(String name, String value) {
    Properties properties = new Properties();
    properties.setProperty(name, value);
    return properties;
  }

  @Test
  void everyParameterIsListedAndDescribed() {
    Map<String, DriverPropertyInfo> all = all("jdbc:litestream:/r", new Properties());
    for (Parameter parameter : Parameter.values()) {
      if (parameter == Parameter.REPLICA_URL) {
        continue; // the URL has it
      }
      DriverPropertyInfo info = info(all, parameter.key());
      assertThat(info.description)
          .startsWith(parameter.description())
          .contains(parameter.standard());
      assertThat(info.required).isFalse();
      assertThat(info.value).isNull();
      List<String> choices = info.choices == null ? List.of() : Arrays.asList(info.choices);
      assertThat(choices).isEqualTo(parameter.choices());
    }
    assertThat(info(all, "session_time").choices).containsExactly("reset", "keep");
    assertThat(info(all, "force_path_style").choices).containsExactly("true", "false");
  }

  @Test
  void soAreThoseOfSqliteJdbc() {
    Map<String, DriverPropertyInfo> all = all("jdbc:litestream:/r", new Properties());
    for (SQLiteConfig.Pragma theirs : SQLiteConfig.Pragma.values()) {
      if (theirs != SQLiteConfig.Pragma.PASSWORD) {
        assertThat(all).containsKey(theirs.pragmaName);
      }
    }
    assertThat(all).doesNotContainKey("password");
    assertThat(info(all, "cache_size").description).contains("as Litestream calls it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:litestream:/r?pollInterval=soon&busy_timeout=5",
        "jdbc:litestream:?poll-interval=soon&busyTimeout=5&replica=a&replica_url=b",
        "jdbc:litestream:nowhere?poll_interval=soon&nonsense=1&busy_timeout=5",
        "jdbc:litestream:/r?secret_access_key=CANARY&poll_interval=soon&busy_timeout=5"
            + "&endpoint=http://key:CANARY@host"
      })
  void valuesAreShownBeforeTheyAreRight(String url) {
    Map<String, DriverPropertyInfo> all = all(url, properties("profile", "mine"));
    assertThat(info(all, "poll_interval").value).isEqualTo("soon");
    assertThat(info(all, "busy_timeout").value).isEqualTo("5");
    assertThat(info(all, "profile").value).isEqualTo("mine");
    for (DriverPropertyInfo info : all.values()) {
      assertThat(String.valueOf(info.value)).doesNotContain("CANARY");
      assertThat(String.valueOf(info.description)).doesNotContain("CANARY");
    }
  }

  @Test
  void aUrlThatCannotBeReadLeavesTheProperties() {
    String url = "jdbc:litestream:/r?time=%zz&profile=yours";
    assertThat(info(all(url, properties("profile", "mine")), "profile").value).isEqualTo("mine");
  }
}

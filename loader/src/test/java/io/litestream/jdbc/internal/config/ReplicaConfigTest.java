package io.litestream.jdbc.internal.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaConfigTest {

  private static ReplicaConfig parse(String key, String value) {
    return parse(Map.of("replica_url", "/r", key, value), Map.of());
  }

  private static ReplicaConfig parse(Map<String, String> parameters, Map<String, String> env) {
    return ReplicaConfig.parse("app.db", parameters, env::get);
  }

  @Test
  void defaults() {
    ReplicaConfig config = parse(Map.of("vfs", "litestream", "replica_url", "s3://b/a"), Map.of());
    assertThat(config.url().describe()).isEqualTo("s3://b/a");
    assertThat(config.pollInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.openTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.requestTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.cacheBytes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, 500000000", "1s, 1000000000", "1m30s, 90000000000", "1.5s, 1500000000",
        "PT5S, 5000000000",
    "PT0.5S, 500000000", "1h, 3600000000000", "24h, 86400000000000", ".5s, 500000000",
        "1000us, 1000000",
    "1000µs, 1000000", "1000000ns, 1000000", "1h1m1s1ms, 3661001000000",
  })
  void durations(String text, long nanos) {
    assertThat(parse("poll_interval", text).pollInterval()).isEqualTo(Duration.ofNanos(nanos));
    assertThat(parse("open_timeout", text).openTimeout()).isEqualTo(Duration.ofNanos(nanos));
    assertThat(parse("request_timeout", text).requestTimeout()).isEqualTo(Duration.ofNanos(nanos));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "0s",
        "-1s",
        "PT0S",
        "-PT1S",
        "999us",
        "",
        "1",
        "s",
        "1x",
        "1s1",
        "1 s",
        "PT",
        "P1Y",
        "25h",
        "999999999999999999h",
        "NaN"
      })
  @DisplayName(
      "C-23: a poll interval that is 0, negative or no time at all is an error that says what is"
          + " accepted")
  void badDurations(String text) {
    assertThatThrownBy(() -> parse("poll_interval", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "poll_interval="
                + text
                + " is not accepted; set poll_interval to a time from 1ms to 24h, such as 500ms,"
                + " 1s, 1m30s or PT5S");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "67108864, 67108864",
    "64MB, 67108864",
    "64mb, 67108864",
    "64 MiB, 67108864",
    "64M, 67108864",
    "512KB, 524288",
    "2GB, 2147483648",
    "1tb, 1099511627776",
    "100B, 100"
  })
  void sizes(String text, long bytes) {
    assertThat(parse("cache_bytes", text).cacheBytes()).hasValue(bytes);
    assertThat(parse("cache_size", text).cacheBytes()).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "", "MB", "1.5MB", "64 megs", "99999999999TB"})
  void badSizes(String text) {
    assertThatThrownBy(() -> parse("cache_bytes", text))
        .hasMessageStartingWith(
            "cache_bytes="
                + text
                + " is not accepted; set cache_bytes to a number of bytes above 0");
  }

  @Test
  void cacheSettingsThatDisagree() {
    Map<String, String> both =
        Map.of("replica_url", "/r", "cache_bytes", "64MB", "cache_size", "65MB");
    assertThatThrownBy(() -> parse(both, Map.of())).hasMessageContaining("leave one out");
    assertThat(
            parse(Map.of("replica_url", "/r", "cache_bytes", "1KB", "cache_size", "1024"), Map.of())
                .cacheBytes())
        .hasValue(1024);
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "0", "no", "OFF"})
  void writingMayBeOff(String text) {
    assertThat(parse("write_enabled", text)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "1", "yes", "On"})
  @DisplayName("C-44: yes and on mean true; write mode is refused")
  void writingIsRefused(String text) {
    assertThatThrownBy(() -> parse("write_enabled", text))
        .hasMessageContaining("replicas are read-only here");
  }

  @Test
  void writingMustBeATruthValue() {
    assertThatThrownBy(() -> parse("write_enabled", "maybe"))
        .hasMessageContaining("true, 1, yes, on, false, 0, no or off");
  }

  @Test
  void namesOfOthersPass() {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "replica_url",
                "/r",
                "sync_interval",
                "1s",
                "buffer_path",
                "/b",
                "hydration_enabled",
                "true",
                "hydration_path",
                "/h"));
    for (String sqlite :
        new String[] {"vfs", "mode", "cache", "immutable", "nolock", "psow", "modeof"}) {
      all.put(sqlite, "x");
    }
    assertThat(parse(all, Map.of())).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "replicaurl, replica_url",
    "replica_Url, replica_url",
    "pol_interval, poll_interval",
    "POLL_INTERVAL, poll_interval",
    "cachebytes, cache_bytes",
    "opentimeout, open_timeout",
    "hydration, -"
  })
  @DisplayName("C-44: an unknown parameter is an error that names the likely one")
  void unknown(String key, String meant) {
    assertThatThrownBy(() -> parse(key, "x"))
        .hasMessageStartingWith(
            "unknown parameter "
                + key
                + (meant.equals("-") ? "" : "; did you mean " + meant + "?"));
  }

  @Test
  void theEnvironmentNamesTheReplicaOnlyWhereTheUriAsks() {
    Map<String, String> env = Map.of("LITESTREAM_REPLICA_URL", "file:///from/env");
    assertThat(parse(Map.of("vfs", "litestream"), env).url().describe())
        .isEqualTo("file:///from/env");
    assertThat(parse(Map.of("vfs", "litestream", "replica_url", "/uri"), env).url().describe())
        .isEqualTo("file:///uri");
    assertThatThrownBy(() -> parse(Map.of(), env)).hasMessageContaining("file:app.db?vfs=unix");
    assertThatThrownBy(() -> parse(Map.of("vfs", "litestream"), Map.of()))
        .hasMessageContaining("replica_url")
        .hasMessageContaining("LITESTREAM_REPLICA_URL");
  }

  @Test
  void showsNoSecret() {
    Map<String, String> env =
        Map.of("AWS_ACCESS_KEY_ID", "canaryId", "AWS_SECRET_ACCESS_KEY", "canarySecret");
    Map<String, String> uri =
        Map.of(
            "replica_url",
            "s3://b/a?sseCustomerKey=Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5IQ%3D%3D");
    assertThatThrownBy(() -> parse(uri, env)).message().doesNotContain("Y2FuYXJ5");
    Map<String, String> good =
        Map.of(
            "replica_url",
            "s3://b/a?sseCustomerKey=Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5MTI%3D");
    assertThat(parse(good, env).toString()).doesNotContain("canary").doesNotContain("Y2FuYXJ5");
  }
}

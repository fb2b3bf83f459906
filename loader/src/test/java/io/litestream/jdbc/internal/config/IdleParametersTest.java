package io.litestream.jdbc.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdleParametersTest {

  private static final Logger LOG = Logger.getLogger("io.litestream.jdbc");

  private final List<String> warnings = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord log) {
          warnings.add(new java.util.logging.SimpleFormatter().formatMessage(log));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    LOG.addHandler(handler);
  }

  @AfterEach
  void stop() {
    LOG.removeHandler(handler);
  }

  private static Settings settings(Parameter parameter, String value) {
    return new Settings(Map.of(parameter, value), Map.of(), null);
  }

  @Test
  void eachIsWarnedOfOnceWithWhatServesInstead() {
    IdleParameters idle = new IdleParameters();
    for (int i = 0; i < 3; i++) {
      idle.warn(settings(Parameter.SYNC_INTERVAL, "1s"));
      idle.warn(settings(Parameter.BUFFER_PATH, "/b"));
      idle.warn(settings(Parameter.HYDRATION_PATH, "/h"));
    }
    assertThat(warnings).hasSize(3);
    assertThat(warnings.get(0)).startsWith("sync_interval has no effect: replicas are read-only");
    assertThat(warnings.get(1)).startsWith("buffer_path has no effect: replicas are read-only");
    assertThat(warnings.get(2)).startsWith("hydration_path has no effect").contains("cache_bytes");
  }

  @Test
  void whatAsksForNothingIsNoReasonToWarn() {
    IdleParameters idle = new IdleParameters();
    idle.warn(settings(Parameter.POLL_INTERVAL, "1s"));
    assertThat(warnings).isEmpty();
  }
}

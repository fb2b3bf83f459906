package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Everything that the library tells anybody while this is open: logs of all levels, flight-recorder
 * events, and what a test notes of exceptions and texts.
 */
final class Told implements AutoCloseable {

  /** The library's, and that of sqlite-jdbc, which is handed URLs. */
  private static final List<Logger> LOGGERS =
      List.of(Logger.getLogger("io.litestream"), Logger.getLogger("org.sqlite"));

  private static final List<String> EVENTS =
      List.of("PageFetch", "RangeRead", "Refresh", "Open", "Travel");

  private static final String LOG = "log: ";

  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final Recording recording = new Recording();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          texts.add(LOG + entry.getMessage());
          Throwable thrown = entry.getThrown();
          if (thrown != null) {
            note(thrown);
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  Told() {
    for (Logger logger : LOGGERS) {
      logger.setLevel(Level.ALL);
      logger.addHandler(handler);
    }
    for (String event : EVENTS) {
      recording.enable("io.litestream." + event).withoutThreshold().withStackTrace();
    }
    recording.start();
  }

  /** All that a stack trace shows: causes and suppressed ones too. */
  void note(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace, true));
    texts.add(trace.toString());
  }

  void note(Object text) {
    texts.add(String.valueOf(text));
  }

  boolean logged() {
    return texts.stream().anyMatch(text -> text.startsWith(LOG));
  }

  /** Ends the recording, and fails where any of it shows a secret. */
  void assertHides(Path directory, List<String> secrets) throws IOException {
    recording.stop();
    Path file = directory.resolve("told.jfr");
    recording.dump(file);
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    assertThat(events).as("events").isNotEmpty();
    events.forEach(this::note);
    for (String secret : secrets) {
      assertThat(texts).noneMatch(text -> text.contains(secret));
    }
  }

  @Override
  public void close() {
    for (Logger logger : LOGGERS) {
      logger.removeHandler(handler);
      logger.setLevel(null);
    }
    recording.close();
  }
}

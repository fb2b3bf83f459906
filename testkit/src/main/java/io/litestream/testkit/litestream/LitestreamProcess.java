package io.litestream.testkit.litestream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A running {@code litestream replicate}. Thread-safe. */
public final class LitestreamProcess implements AutoCloseable {

  private static final long STOP_SECONDS = 60;

  private final Process process;
  private final Path log;

  LitestreamProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Whether it is still running; a test that goes on without it proves nothing. */
  public boolean alive() {
    return process.isAlive();
  }

  /** What it has logged, with what earlier runs on the same database did. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it as an operator does: it syncs what is left, and exits. */
  public void stop() throws InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("Litestream had ended by itself: " + log());
    }
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      kill();
      throw new IllegalStateException(
          "Litestream did not end within " + STOP_SECONDS + " s: " + log());
    }
  }

  /** Ends it as a crash does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it in whatever way. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}

package io.litestream.jdbc.conformance;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.internal.ffi.NativeCore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Measures the memory of a process of its own, whose heap is resident from the start: what is
 * resident beyond that is native.
 */
final class MemoryProbe {

  private static final int CONNECTIONS = 200;

  /** For the classes, and what the allocator keeps. */
  private static final int WARM_UP = 50;

  private static final String SCAN = "SELECT sum(length(v)) FROM t";
  private static final String LOOKUP = "SELECT length(v) FROM t WHERE k = 77";

  private MemoryProbe() {}

  /** Opens a connection. */
  @FunctionalInterface
  private interface Opening {
    Connection open() throws SQLException;
  }

  /**
   * {@code budget REPLICA BYTES}, {@code replica REPLICA} or {@code local FILE}: prints numbers.
   */
  public static void main(String[] args) throws Exception {
    try (Connection any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      Litestream.load(any);
    }
    Path path = Path.of(args[1]);
    switch (args[0]) {
      case "budget" -> budget(path, Long.parseLong(args[2]));
      case "replica" -> each(() -> Sql.open(path, FixturesTest.NO_POLLS));
      default -> each(() -> Sql.plain(path));
    }
  }

  /** What is resident after scans of far more than the budget, beyond what is without a budget. */
  private static void budget(Path replica, long bytes) throws Exception {
    try (Connection db = Sql.open(replica, FixturesTest.NO_POLLS, "cache_bytes=1")) {
      scan(db, 3);
      long before = resident();
      NativeCore.cacheLimit(bytes);
      scan(db, 3);
      System.out.println((resident() - before) + " " + Litestream.stats().cache().bytes());
    }
  }

  private static void scan(Connection db, int times) throws SQLException {
    for (int i = 0; i < times; i++) {
      Sql.one(db, SCAN);
    }
  }

  /** What each connection takes, native and heap. */
  private static void each(Opening opening) throws SQLException {
    List<Connection> open = new ArrayList<>();
    LongSupplier memory = () -> resident() + heap();
    try {
      for (int i = 0; i < WARM_UP; i++) {
        read(opening, open);
      }
      long before = memory.getAsLong();
      for (int i = 0; i < CONNECTIONS; i++) {
        read(opening, open);
      }
      System.out.println((memory.getAsLong() - before) / CONNECTIONS);
    } finally {
      for (Connection connection : open) {
        connection.close();
      }
    }
  }

  private static void read(Opening opening, List<Connection> open) throws SQLException {
    Connection connection = opening.open();
    open.add(connection);
    Sql.one(connection, LOOKUP);
  }

  private static long resident() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalStateException("no VmRSS in /proc/self/status");
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}

package io.litestream.jdbc.internal.replica;

import com.sun.management.OperatingSystemMXBean;
import io.litestream.jdbc.internal.ffi.NativeCore;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/** The budget of the page cache, which all replicas of the process share. */
final class CacheBudget {

  private static final long MOST = 256L << 20;

  /** Of the memory that the machine or the container has, a cache that nobody asked for takes: */
  private static final int SHARE = 8;

  /** Who says what the budget is: nobody yet, the machine, or a connection. */
  private enum By {
    NOBODY,
    MACHINE,
    CONNECTION
  }

  private static By by = By.NOBODY;

  private CacheBudget() {}

  /**
   * Sets what a connection asks for. The first connection of the process that asks for nothing sets
   * what fits the machine.
   */
  static synchronized void set(OptionalLong bytes) {
    if (bytes.isPresent()) {
      by = By.CONNECTION;
      NativeCore.cacheLimit(bytes.getAsLong());
    } else if (by == By.NOBODY) {
      by = By.MACHINE;
      long preset = NativeCore.stats().cacheLimit();
      // The JVM takes 30 ms to load what knows the memory: no query waits for that.
      Threads.daemon("litestream-memory", () -> choose(preset, memory())).start();
    }
  }

  private static synchronized void choose(long preset, long memory) {
    if (by == By.MACHINE && memory > 0 && NativeCore.stats().cacheLimit() == preset) {
      NativeCore.cacheLimit(of(memory));
    }
  }

  /** The budget on a machine, or in a container, with that many bytes. */
  static long of(long memory) {
    return Math.min(MOST, memory / SHARE);
  }

  /** 0 where the runtime image lacks the module that knows; the native library's preset stays. */
  private static long memory() {
    try {
      return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os
          ? os.getTotalMemorySize()
          : 0;
    } catch (LinkageError e) {
      return 0;
    }
  }
}

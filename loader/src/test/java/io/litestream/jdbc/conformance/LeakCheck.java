package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeStats;
import io.litestream.jdbc.internal.replica.Replicas;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Loads the VFS for a class of tests; afterwards nothing of theirs may be left in the C core, and
 * the page cache, which is the process's, has the budget again that it had.
 */
final class LeakCheck implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

  /** Replicas are closed in the background, which a hanging request may hold up. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private long cacheLimit;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    try (Connection any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      Litestream.load(any);
    }
    cacheLimit = NativeCore.stats().cacheLimit();
    afterAll(context);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Replicas.retireUnused(); // their polls would disturb the next test's counts
  }

  @Override
  public void afterAll(ExtensionContext context) {
    NativeCore.cacheLimit(cacheLimit);
    Await.until(
        LIMIT,
        () -> {
          Replicas.retireUnused();
          NativeStats s = NativeCore.stats();
          assertThat(s.dbs() + s.files() + s.views() + s.readers() + s.indexBytes())
              .as("what is left in the C core: %s", s)
              .isZero();
        });
  }
}

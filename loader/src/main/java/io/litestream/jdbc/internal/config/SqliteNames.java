package io.litestream.jdbc.internal.config;

import io.litestream.jdbc.internal.store.Spelling;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.sqlite.SQLiteConfig;

/** The names of parameters that are SQLite's and sqlite-jdbc's own. */
final class SqliteNames {

  /** What SQLite's URIs know, and a VFS of its shell. */
  private static final Set<String> URI =
      Set.of("vfs", "mode", "cache", "immutable", "nolock", "psow", "modeof");

  /** Those of sqlite-jdbc but the two that are this library's: a size, and a key's secret. */
  private static final Set<String> PROPERTIES =
      Arrays.stream(SQLiteConfig.Pragma.values())
          .filter(p -> p != SQLiteConfig.Pragma.CACHE_SIZE && p != SQLiteConfig.Pragma.PASSWORD)
          .map(SQLiteConfig.Pragma::getPragmaName)
          .collect(Collectors.toUnmodifiableSet());

  private SqliteNames() {}

  /** Whether SQLite reads it from the URI. */
  static boolean inUri(String name) {
    return URI.contains(name);
  }

  /** The name as SQLite or sqlite-jdbc spells it; empty when it is not theirs. */
  static Optional<String> find(String name) {
    String snake = Spelling.snake(name);
    return URI.contains(snake) || PROPERTIES.contains(snake)
        ? Optional.of(snake)
        : Optional.empty();
  }
}

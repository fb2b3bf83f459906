package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A restored database, by sqlite-jdbc alone.
 *
 * @param file the database
 */
record LocalFile(Path file) implements Contender {

  /** A sample's database in rollback mode: SQLite's default, not what a restore leaves. */
  static LocalFile rollback(Sample sample) throws IOException, SQLException {
    Path copy = sample.database().resolveSibling("rollback.db");
    Files.copy(sample.database(), copy, StandardCopyOption.REPLACE_EXISTING);
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + copy);
        Statement statement = db.createStatement()) {
      statement.execute("PRAGMA journal_mode=DELETE");
    }
    return new LocalFile(copy);
  }

  @Override
  public Connection open(String place) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  @Override
  public void travel(Connection connection, @Nullable Instant time) {
    throw new UnsupportedOperationException("a restored file has no past");
  }

  @Override
  public void warm(Connection connection) throws SQLException {
    Queries.number(connection, Queries.SCAN);
  }

  @Override
  public void forget() {
    // Its pages are the system's.
  }
}

package io.litestream.jdbc.internal.jdbc;

import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * A connection to a replica: always read-only, and tolerant of what pools and frameworks do to
 * read-only connections, which sqlite-jdbc's own is not.
 */
public final class LitestreamConnection extends JDBC4Connection {

  private final boolean sessionKeep;

  private LitestreamConnection(
      String metadataUrl, String fileName, Properties properties, boolean sessionKeep)
      throws SQLException {
    super(metadataUrl, fileName, properties);
    this.sessionKeep = sessionKeep;
  }

  /**
   * Opens a replica.
   *
   * @param metadataUrl what {@code getMetaData().getURL()} answers
   * @param fileName the URI that SQLite opens
   * @param properties sqlite-jdbc's
   * @param sessionKeep whether what one borrower of a pool changed is left to the next one
   */
  public static LitestreamConnection open(
      String metadataUrl, String fileName, Properties properties, boolean sessionKeep)
      throws SQLException {
    return new LitestreamConnection(metadataUrl, fileName, properties, sessionKeep);
  }

  /** Whether what one borrower of a pool changed is left to the next one. */
  boolean keepsSession() {
    return sessionKeep;
  }

  /** Accepted, whatever it asks for: there is nothing to change. */
  @Override
  public void setReadOnly(boolean readOnly) throws SQLException {
    checkOpen();
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }
}

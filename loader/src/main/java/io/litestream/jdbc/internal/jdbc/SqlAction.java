package io.litestream.jdbc.internal.jdbc;

import java.sql.SQLException;

/** Something that calls SQLite and has no result. */
interface SqlAction {
  void run() throws SQLException;
}

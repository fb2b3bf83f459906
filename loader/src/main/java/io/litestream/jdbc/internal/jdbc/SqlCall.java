package io.litestream.jdbc.internal.jdbc;

import java.sql.SQLException;

/** Something that calls SQLite. */
interface SqlCall<T> {
  T run() throws SQLException;
}

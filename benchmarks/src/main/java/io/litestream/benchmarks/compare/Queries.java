package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.SampleTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/** The statements that are measured; each checks what it reads. */
final class Queries {

  static final int LOOKUPS = 100;
  static final int RANGE = 5_000;
  static final int SCATTERED = 500;
  static final String LOOKUP = "SELECT v FROM t WHERE id = ?";
  static final String SCAN = "SELECT count(*), sum(length(v)) FROM t";
  private static final long SEED = 5;

  private Queries() {}

  /** One row; of rows that were never updated, the right one. */
  static void lookup(Connection db, int id) throws SQLException {
    try (PreparedStatement lookup = db.prepareStatement(LOOKUP)) {
      lookup(lookup, id);
    }
  }

  static void lookup(PreparedStatement lookup, int id) throws SQLException {
    lookup.setInt(1, id);
    try (ResultSet row = lookup.executeQuery()) {
      expect(true, row.next());
      if (!SampleTable.v(id, 0).equals(row.getString(1))) {
        throw new IllegalStateException("row " + id + " is wrong");
      }
    }
  }

  /** The same without a look at the value. */
  static String read(PreparedStatement lookup, int id) throws SQLException {
    lookup.setInt(1, id);
    try (ResultSet row = lookup.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** Rows from everywhere, each in a transaction of its own. */
  static void lookups(Connection db, SampleTable table) throws SQLException {
    Random random = new Random(SEED);
    try (PreparedStatement lookup = db.prepareStatement(LOOKUP)) {
      for (int i = 0; i < LOOKUPS; i++) {
        lookup(lookup, 1 + random.nextInt(table.rows()));
      }
    }
  }

  /** Neighbouring rows. */
  static void range(Connection db, SampleTable table) throws SQLException {
    int first = table.rows() / 3;
    String sql = "SELECT count(*), sum(length(v)) FROM t WHERE id BETWEEN ";
    expect(RANGE, number(db, sql + first + " AND " + (first + RANGE - 1)));
  }

  /** Rows that are neighbours in the index and nowhere else. */
  static void scattered(Connection db, SampleTable table) throws SQLException {
    int first = table.rows() / 3;
    String sql = "SELECT count(v), sum(length(v)) FROM t WHERE k BETWEEN ";
    expect(SCATTERED, number(db, sql + first + " AND " + (first + SCATTERED - 1)));
  }

  /** All rows. */
  static void scan(Connection db, int rows) throws SQLException {
    expect(rows, number(db, SCAN));
  }

  static long number(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void expect(Object wanted, Object found) {
    if (!wanted.toString().equals(found.toString())) {
      throw new IllegalStateException("expected " + wanted + ", read " + found);
    }
  }
}

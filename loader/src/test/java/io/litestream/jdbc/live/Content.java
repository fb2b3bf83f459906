package io.litestream.jdbc.live;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What one state of a {@link Ledger} comes to, read by one statement. Every table and the index
 * take part, so a state that is put together from two is not equal to any real one.
 *
 * @param step of the table {@code step}
 * @param newest the ledger's highest step
 * @param amounts weighted sum over the ledger
 * @param indexed sum over the ledger's index alone
 * @param balances sum over all accounts, the same in every state
 * @param weighted weighted sum over all accounts
 */
record Content(
    long step,
    long newest,
    long entries,
    long amounts,
    long indexed,
    long balances,
    long weighted) {

  /** The columns of a statement that reads it; others may follow. */
  static final String COLUMNS =
      "(select n from step), (select max(step) from ledger), (select count(*) from ledger),"
          + " (select sum(amount * (id % 97) + length(memo)) from ledger),"
          + " (select sum(amount) from ledger indexed by ledger_src where src > 0),"
          + " (select sum(balance) from account), (select sum(balance * id) from account)";

  /** The number of columns. */
  static final int WIDTH = 7;

  static Content of(ResultSet row) throws SQLException {
    return new Content(
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7));
  }
}

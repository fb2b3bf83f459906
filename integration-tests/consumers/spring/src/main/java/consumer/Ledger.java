package consumer;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class Ledger {

  private final JdbcClient jdbc;

  Ledger(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  @Transactional(readOnly = true)
  public long rows() {
    return jdbc.sql("SELECT count(*) FROM ledger").query(Long.class).single();
  }

  /** Travels before the transaction reads; the pool brings the connection back. */
  @Transactional(readOnly = true)
  public long rowsAt(String time) {
    jdbc.sql("SELECT litestream_set_time(:time)").param("time", time).query().listOfRows();
    return rows();
  }
}

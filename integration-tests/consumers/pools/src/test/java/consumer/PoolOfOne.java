package consumer;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;

/** A pool with one connection: the next borrower gets what the last one gave back. */
record PoolOfOne(DataSource source, AutoCloseable closing) implements AutoCloseable {

  /** The pools that tell a connection when it is given back. */
  enum Kind {
    HIKARI,
    DBCP
  }

  record Options(boolean readOnly, boolean autoCommit, List<String> initSql) {
    static final Options STANDARD = new Options(false, true, List.of());
  }

  static PoolOfOne open(Kind kind, String url) {
    return open(kind, url, Options.STANDARD);
  }

  static PoolOfOne open(Kind kind, String url, Options options) {
    return switch (kind) {
      case HIKARI -> hikari(url, options);
      case DBCP -> dbcp(url, options);
    };
  }

  private static PoolOfOne hikari(String url, Options options) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(1);
    config.setReadOnly(options.readOnly());
    config.setAutoCommit(options.autoCommit());
    options.initSql().forEach(config::setConnectionInitSql);
    HikariDataSource source = new HikariDataSource(config);
    return new PoolOfOne(source, source);
  }

  private static PoolOfOne dbcp(String url, Options options) {
    BasicDataSource source = new BasicDataSource();
    source.setUrl(url);
    source.setMaxTotal(1);
    source.setDefaultReadOnly(options.readOnly());
    source.setDefaultAutoCommit(options.autoCommit());
    source.setConnectionInitSqls(options.initSql());
    source.setAccessToUnderlyingConnectionAllowed(true);
    return new PoolOfOne(source, source);
  }

  static PoolOfOne agroal(String url) throws SQLException {
    AgroalDataSource source =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(
                    c ->
                        c.maxSize(1)
                            .acquisitionTimeout(Duration.ofSeconds(30))
                            .connectionFactoryConfiguration(f -> f.jdbcUrl(url))));
    return new PoolOfOne(source, source);
  }

  Connection borrow() throws SQLException {
    return source.getConnection();
  }

  @Override
  public void close() throws SQLException {
    try {
      closing.close();
    } catch (Exception e) {
      throw new SQLException(e);
    }
  }
}

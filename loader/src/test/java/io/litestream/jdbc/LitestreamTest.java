package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

class LitestreamTest {

  @TempDir Path temp;

  @Test
  void loadingTwiceIsHarmless() throws SQLException {
    try (Connection first = memory();
        Connection second = memory()) {
      Litestream.load(first);
      Litestream.load(first);
      Litestream.load(second);
      assertUsable(first);
      assertUsable(second);
    }
  }

  @Test
  void theVfsIsThereAfterwards() throws SQLException {
    try (Connection connection = memory()) {
      Litestream.load(connection);
    }
    assertThatThrownBy(() -> DriverManager.getConnection("jdbc:sqlite:file:x?vfs=litestream"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("no replica is set")
        .hasMessageContaining("replica_url=");
  }

  @Test
  @DisplayName("C-33: other databases open after load")
  void otherDatabasesOpenAfterLoad() throws SQLException {
    Path file = temp.resolve("plain.db");
    try (Connection before = DriverManager.getConnection("jdbc:sqlite:" + file);
        Connection loading = memory()) {
      Litestream.load(loading);
      assertUsable(before);
      try (Connection memory = memory();
          Connection plain = DriverManager.getConnection("jdbc:sqlite:" + file);
          Connection uri = DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=rw")) {
        assertUsable(memory);
        assertUsable(plain);
        assertUsable(uri);
      }
    }
    assertThat(Files.exists(file)).isTrue();
  }

  @Test
  void theExtensionSwitchIsAsItWas() throws SQLException {
    try (Connection off = memory();
        Connection on =
            DriverManager.getConnection("jdbc:sqlite::memory:?enable_load_extension=true")) {
      Litestream.load(off);
      Litestream.load(on);
      assertThatThrownBy(() -> off.createStatement().executeQuery("SELECT load_extension(NULL)"))
          .hasMessageContaining("not authorized");
      try (Statement statement = on.createStatement();
          ResultSet row = statement.executeQuery("SELECT load_extension(NULL)")) {
        assertThat(row.next()).isTrue();
      }
    }
  }

  @Test
  void loadingInsideATransactionWorks() throws SQLException {
    try (Connection connection = memory()) {
      connection.setAutoCommit(false);
      assertUsable(connection);
      Litestream.load(connection);
      assertUsable(connection);
      connection.rollback();
      assertThatThrownBy(
              () -> connection.createStatement().executeQuery("SELECT load_extension(NULL)"))
          .hasMessageContaining("not authorized");
    }
  }

  @Test
  void aWrappedConnectionIsUnwrapped() throws SQLException {
    try (Connection connection = memory()) {
      Litestream.load(wrapper(connection));
      assertUsable(connection);
    }
  }

  private static Connection wrapper(Connection inner) {
    return (Connection)
        Proxy.newProxyInstance(
            LitestreamTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("isWrapperFor")) {
                return arguments[0] == SQLiteConnection.class;
              }
              if (method.getName().equals("unwrap")) {
                return inner;
              }
              try {
                return method.invoke(inner, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            });
  }

  @Test
  void aConnectionOfAnotherDriverIsRefused() {
    Connection other =
        (Connection)
            Proxy.newProxyInstance(
                LitestreamTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) ->
                    method.getReturnType() == boolean.class ? (Object) false : null);
    assertThatThrownBy(() -> Litestream.load(other))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("sqlite-jdbc")
        .hasMessageContaining(other.getClass().getName());
  }

  @Test
  void aClosedConnectionIsRefused() throws SQLException {
    Connection closed = memory();
    closed.close();
    assertThatThrownBy(() -> Litestream.load(closed))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void manyThreadsLoadAtOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> loads = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        loads.add(
            threads.submit(
                () -> {
                  try (Connection connection = memory()) {
                    Litestream.load(connection);
                    assertUsable(connection);
                  }
                  return null;
                }));
      }
      for (Future<?> load : loads) {
        load.get();
      }
    }
  }

  @Test
  void theLoadablePathIsTheLoadedFile() throws SQLException {
    Path path = Litestream.loadablePath();
    assertThat(path).isAbsolute().isRegularFile().isEqualTo(Litestream.loadablePath());
  }

  static Connection memory() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite::memory:");
  }

  static void assertUsable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS t(x)");
      statement.execute("DELETE FROM t");
      statement.execute("INSERT INTO t VALUES (1), (2), (3)");
      try (ResultSet row = statement.executeQuery("SELECT sum(x) FROM t")) {
        assertThat(row.getInt(1)).isEqualTo(6);
      }
    }
  }
}

package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.testkit.fixture.Fixture;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that reads replicas in directories only, and has excluded the AWS SDK. */
class WithoutAwsSdkTest {

  /** Has everything but the SDK. */
  private static final class Application extends URLClassLoader {

    Application() {
      super(classPath(), ClassLoader.getPlatformClassLoader());
    }

    private static URL[] classPath() {
      List<URL> urls = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        try {
          urls.add(Path.of(entry).toUri().toURL());
        } catch (MalformedURLException e) {
          throw new AssertionError(entry, e);
        }
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("software.amazon.")) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }

    Object make(String type) throws Exception {
      return loadClass(type).getDeclaredConstructor().newInstance();
    }

    Connection connect(String driver, String url) throws Exception {
      return Objects.requireNonNull(((Driver) make(driver)).connect(url, new Properties()));
    }
  }

  @TempDir static Path temp;
  private static final Application APPLICATION = new Application();
  private static String place;

  @BeforeAll
  static void unpack() throws Exception {
    place = Fixture.named("ledger-blocks-file").unpack(temp).toString();
  }

  private static Connection driver(String url) throws Exception {
    return APPLICATION.connect("io.litestream.jdbc.LitestreamDriver", "jdbc:litestream:" + url);
  }

  private static void assertReads(Connection connection, String schema) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertThat(statement.executeQuery("SELECT litestream_txid('" + schema + "')").getString(1))
          .hasSize(16);
    }
  }

  @Test
  void directoriesOpenInAllWays() throws Exception {
    try (Connection db = driver(place);
        Statement statement = db.createStatement()) {
      assertReads(db, "main");
      statement.execute("ATTACH 'file:x?vfs=litestream&replica_url=" + place + "' AS x");
      assertReads(db, "x");
    }
    try (Connection db =
        APPLICATION.connect(
            "org.sqlite.JDBC", "jdbc:sqlite:file:x?vfs=litestream&replica_url=" + place)) {
      assertReads(db, "main");
    }
    Object source = APPLICATION.make("io.litestream.jdbc.LitestreamDataSource");
    source.getClass().getMethod("setReplicaUrl", String.class).invoke(source, place);
    try (Connection db = ((DataSource) source).getConnection()) {
      assertReads(db, "main");
    }
    Class<?> litestream = APPLICATION.loadClass("io.litestream.jdbc.Litestream");
    assertThat(litestream.getMethod("stats").invoke(null)).isNotNull();
    List<?> states =
        (List<?>) litestream.getMethod("states", String.class, int.class).invoke(null, place, 1);
    assertThat(states).hasSize(1);
  }

  @Test
  void bucketsSayWhatToAdd() {
    String remedy = "add software.amazon.awssdk:s3 and software.amazon.awssdk:apache5-client";
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> driver("s3://bucket/app"))
          .isInstanceOf(SQLException.class)
          .hasMessageStartingWith("s3://bucket/app: replicas in S3 need the AWS SDK")
          .hasMessageContaining(remedy);
    }
    assertThatThrownBy(
            () -> {
              try (Connection db = driver(place);
                  Statement statement = db.createStatement()) {
                statement.execute("ATTACH 'file:x?vfs=litestream&replica_url=s3://b/a' AS x");
              }
            })
        .hasMessageContaining(remedy);
  }
}

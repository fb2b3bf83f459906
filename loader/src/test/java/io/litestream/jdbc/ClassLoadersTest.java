package io.litestream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.testkit.fixture.Fixture;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Applications in one JVM, as in a servlet container: each class loader has its own copy of the
 * native library.
 */
class ClassLoadersTest {

  @TempDir Path temp;

  /** The parent of applications that share sqlite-jdbc: it has everything but this project. */
  private static final class SharedLibraries extends URLClassLoader {
    SharedLibraries() {
      super(classPath(), ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("io.litestream.")) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }
  }

  /** An application with this project on its class path. */
  private static final class Application extends URLClassLoader {

    Application(@Nullable ClassLoader parent) {
      super(classPath(), parent);
    }

    Connection connect(String url) throws Exception {
      Driver driver = (Driver) loadClass("org.sqlite.JDBC").getDeclaredConstructor().newInstance();
      Connection connection = driver.connect(url, new Properties());
      assertThat(connection).isNotNull();
      return connection;
    }

    void load(Connection connection) throws Exception {
      call("load", new Class<?>[] {Connection.class}, connection);
    }

    Path loadablePath() throws Exception {
      return (Path) Objects.requireNonNull(call("loadablePath", new Class<?>[0]));
    }

    private @Nullable Object call(String method, Class<?>[] types, Object... arguments)
        throws Exception {
      try {
        Class<?> litestream = loadClass("io.litestream.jdbc.Litestream");
        assertThat(litestream.getClassLoader()).isSameAs(this);
        return litestream.getMethod(method, types).invoke(null, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause() instanceof SQLException cause ? cause : e;
      }
    }
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

  @Test
  void separateApplicationsHaveSeparateCopies() throws Exception {
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    Application one = new Application(platform);
    Application two = new Application(platform);
    assertThat(works(one)).isNotEqualTo(works(two));
    assertThat(works(one)).isEqualTo(one.loadablePath());
  }

  @Test
  void separateApplicationsReadTheirOwnReplicas() throws Exception {
    Application one = new Application(ClassLoader.getPlatformClassLoader());
    Application two = new Application(ClassLoader.getPlatformClassLoader());
    try (Connection first = replica(one, "ledger-blocks-file", "a");
        Connection second = replica(two, "page-512-file", "b")) {
      assertThat(pageSize(first)).isNotEqualTo(pageSize(second));
      first.close();
      assertThat(pageSize(second)).isEqualTo(512);
    }
  }

  private Connection replica(Application application, String fixture, String directory)
      throws Exception {
    try (Connection any = application.connect("jdbc:sqlite::memory:")) {
      application.load(any);
    }
    Path place = Fixture.named(fixture).unpack(temp.resolve(directory));
    return application.connect("jdbc:sqlite:file:x?vfs=litestream&replica_url=" + place);
  }

  /** As the first page of the replica has it. */
  private static int pageSize(Connection replica) throws SQLException {
    try (Statement statement = replica.createStatement()) {
      statement.executeQuery("SELECT count(*) FROM sqlite_schema").close();
      return statement.executeQuery("PRAGMA page_size").getInt(1);
    }
  }

  @Test
  void whereSqliteJdbcIsSharedTheFirstApplicationHasTheVfs() throws Exception {
    ClassLoader shared = new SharedLibraries();
    Application one = new Application(shared);
    Application two = new Application(shared);
    assertThat(one.loadClass("org.sqlite.JDBC")).isSameAs(two.loadClass("org.sqlite.JDBC"));
    works(one);
    try (Connection connection = two.connect("jdbc:sqlite::memory:")) {
      assertThatThrownBy(() -> two.load(connection))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("already registered")
          .hasMessageContaining("load only one of them");
      LitestreamTest.assertUsable(connection);
      assertThatThrownBy(
              () -> connection.createStatement().executeQuery("SELECT load_extension(NULL)"))
          .as("the switch is turned off again")
          .hasMessageContaining("not authorized");
    }
    works(one);
  }

  @Test
  void aConnectionFromAnotherClassLoaderIsRefused() throws Exception {
    Application one = new Application(ClassLoader.getPlatformClassLoader());
    Application two = new Application(ClassLoader.getPlatformClassLoader());
    try (Connection foreign = one.connect("jdbc:sqlite::memory:")) {
      assertThatThrownBy(() -> two.load(foreign))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("class loader");
    }
  }

  /** Loads, opens other databases, and sees the VFS; the application's copy of the library. */
  private static Path works(Application application) throws Exception {
    try (Connection connection = application.connect("jdbc:sqlite::memory:")) {
      application.load(connection);
      LitestreamTest.assertUsable(connection);
    }
    try (Connection after = application.connect("jdbc:sqlite::memory:")) {
      LitestreamTest.assertUsable(after);
    }
    assertThatThrownBy(() -> application.connect("jdbc:sqlite:file:x?vfs=litestream"))
        .hasMessageNotContainingAny("no such vfs");
    return application.loadablePath();
  }
}

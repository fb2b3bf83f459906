package io.litestream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.testkit.fixture.Fixture;
import java.io.File;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Applications in one JVM, as in a servlet container, each with a class loader of its own. The
 * container's thread serves all of them.
 */
class RedeployTest {

  private static final Duration COLLECTED_WITHIN = Duration.ofSeconds(30);

  @TempDir static Path temp;
  private static String url = "";
  private static long expected;

  private final ExecutorService container = Executors.newSingleThreadExecutor();

  @BeforeAll
  static void prepare() throws Exception {
    Fixture fixture = Fixture.named("ledger-blocks-file");
    url = "jdbc:litestream:" + fixture.unpack(temp) + "?poll_interval=1ms";
    expected = Objects.requireNonNull(fixture.expected().latest().rows().get("ledger"));
  }

  @AfterEach
  void stopTheContainer() {
    container.shutdown();
  }

  /** The first one to go is not collected: the native library calls into its classes. */
  @Test
  void eachApplicationMayHaveItsOwnCopies() throws Exception {
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    URLClassLoader one = new URLClassLoader(classPath(), platform);
    URLClassLoader two = new URLClassLoader(classPath(), platform);
    assertThat(rows(one)).isEqualTo(expected);
    assertThat(rows(two)).isEqualTo(expected);
    stop(one);
    assertThat(threadsOf(one)).isEmpty();
    assertThat(rows(two)).isEqualTo(expected);
    URLClassLoader again = new URLClassLoader(classPath(), platform);
    assertThat(rows(again)).isEqualTo(expected);
    stop(two);
    stop(again);

    WeakReference<ClassLoader> gone = new WeakReference<>(one);
    one = null;
    System.gc();
    assertThat(gone.get()).isNotNull();
  }

  @Test
  void nothingIsLeftOfAnApplicationThatUsesTheContainersCopies() throws Exception {
    URLClassLoader shared = libraries(name -> true); // never closed, like a container's
    WeakReference<ClassLoader> one = deployed(shared);
    WeakReference<ClassLoader> two = deployed(shared);
    assertCollected(one);
    assertCollected(two);
  }

  @Test
  void aSharedSqliteJdbcTakesOneCopyOfTheVfs() throws Exception {
    URLClassLoader shared = libraries(name -> name.contains("sqlite-jdbc"));
    URLClassLoader one = new URLClassLoader(classPath(), shared);
    URLClassLoader two = new URLClassLoader(classPath(), shared);
    assertThat(rows(one)).isEqualTo(expected);
    assertThatThrownBy(() -> rows(two))
        .hasMessageContaining("already registered")
        .hasMessageContaining("load only one of them");
    assertThat(rows(one)).isEqualTo(expected);
    stop(one);
    stop(two);
  }

  /** An application that came and went. */
  private WeakReference<ClassLoader> deployed(ClassLoader libraries) throws Exception {
    URLClassLoader application = new URLClassLoader(new URL[] {own()}, libraries);
    assertThat(rows(application)).isEqualTo(expected);
    stop(application);
    return new WeakReference<>(application);
  }

  private static void assertCollected(WeakReference<ClassLoader> application) throws Exception {
    Instant end = Instant.now().plus(COLLECTED_WITHIN);
    while (application.get() != null && Instant.now().isBefore(end)) {
      System.gc();
      Thread.sleep(50);
    }
    assertThat(application.get()).as("the undeployed application").isNull();
  }

  /** The threads that may still need classes, after some time to end. */
  private static List<Thread> threadsOf(ClassLoader application) throws InterruptedException {
    Instant end = Instant.now().plus(Duration.ofSeconds(5));
    while (true) {
      List<Thread> threads =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getContextClassLoader() == application)
              .toList();
      if (threads.isEmpty() || Instant.now().isAfter(end)) {
        return threads;
      }
      Thread.sleep(10);
    }
  }

  private long rows(ClassLoader application) throws Exception {
    return (long) Objects.requireNonNull(call(application, "rows", url));
  }

  private void stop(URLClassLoader application) throws Exception {
    call(application, "stop");
    application.close();
  }

  /** Calls WebApplication in the application, on the container's thread. */
  private Object call(ClassLoader application, String method, String... arguments)
      throws Exception {
    Class<?>[] types = Arrays.stream(arguments).map(Object::getClass).toArray(Class<?>[]::new);
    Callable<Object> request =
        () -> {
          Thread.currentThread().setContextClassLoader(application);
          try {
            Class<?> type = application.loadClass(WebApplication.class.getName());
            assertThat(type.getClassLoader()).isSameAs(application);
            return type.getMethod(method, types).invoke(null, (Object[]) arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
          } finally {
            Thread.currentThread().setContextClassLoader(null);
          }
        };
    try {
      return container.submit(request).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static URLClassLoader libraries(Predicate<String> which) throws Exception {
    Path own = Path.of(own().toURI());
    return new URLClassLoader(
        urls(path -> which.test(path.getFileName().toString()) && !path.equals(own)),
        ClassLoader.getPlatformClassLoader());
  }

  private static URL[] classPath() {
    return urls(path -> true);
  }

  private static URL[] urls(Predicate<Path> which) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(which)
        .map(RedeployTest::url)
        .toArray(URL[]::new);
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new AssertionError(path.toString(), e);
    }
  }

  private static URL own() {
    return WebApplication.class.getProtectionDomain().getCodeSource().getLocation();
  }
}

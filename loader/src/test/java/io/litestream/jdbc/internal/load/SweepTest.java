package io.litestream.jdbc.internal.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which directories are deleted by the next one to come, and which are not. */
class SweepTest {

  /** No system gives a process such an id. */
  private static final long NO_PID = 999_999_999_999L;

  private static final long PID = ProcessHandle.current().pid();
  private static final String LIBRARY = "liblitestream_jdbc.so";

  @TempDir Path base;

  @Test
  void whatAKilledJvmLeftIsDeleted() throws Exception {
    Path killed;
    try (Holder other = new Holder(base)) {
      killed = other.directory;
      assertThat(killed).isNotEmptyDirectory();
      other.kill();
    }
    age(killed);
    PrivateDirectory.create(base);
    assertThat(killed).doesNotExist();
  }

  @Test
  void aDirectoryWithoutALockIsDeleted() throws IOException {
    assertThat(swept(NO_PID, 1)).doesNotExist();
  }

  /** In a container the JVM has the same process id each time. */
  @Test
  void whatAnEarlierProcessOfThisIdLeftIsDeleted() throws IOException {
    assertThat(swept(PID, 1)).doesNotExist();
  }

  /** Where the system does not tell when a process started, the id alone decides. */
  @Test
  void whatMayBeThisProcesssOwnStays() throws IOException {
    assertThat(swept(PID, 0)).isDirectory();
  }

  /** A killed JVM's directory, after another one has come. */
  private Path swept(long pid, long start) throws IOException {
    Path dead = dead(pid, start);
    PrivateDirectory.create(base);
    return dead;
  }

  @Test
  void directoriesInUseStay() throws Exception {
    Path own = PrivateDirectory.create(base).path();
    try (Holder other = new Holder(base)) {
      age(own);
      age(other.directory);
      PrivateDirectory.create(base);
      assertThat(own).isDirectory();
      assertThat(other.directory).isDirectory();
      // Had this JVM probed its own lock, it would have lost it, and another one's sweep would take
      // the directory.
      try (Holder third = new Holder(base)) {
        assertThat(third.directory).isDirectory();
        assertThat(own).isDirectory();
      }
    }
  }

  @Test
  void whatIsYoungStays() throws IOException {
    Path young = dead(NO_PID, 1);
    Instant changed = Instant.now().minus(Sweep.MAKING).plusSeconds(60);
    Files.setLastModifiedTime(young, FileTime.from(changed));
    PrivateDirectory.create(base);
    assertThat(young).as("may be just being made").isDirectory();
  }

  @Test
  void whatIsNotOursStays() throws IOException {
    Path demo = Files.createDirectory(base.resolve("litestream-jdbc-demo"));
    Path file = Files.writeString(base.resolve(name(NO_PID, 1)), "a file");
    age(demo);
    age(file);
    PrivateDirectory.create(base);
    assertThat(demo).isDirectory();
    assertThat(file).isRegularFile();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
  void noLinkIsFollowed() throws IOException {
    Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
    Path precious = Files.writeString(elsewhere.resolve(LIBRARY), "precious");
    Path link = Files.createSymbolicLink(base.resolve(name(NO_PID, 1)), elsewhere);
    Path dead = dead(NO_PID, 2);
    Files.delete(dead.resolve(LIBRARY));
    Files.createSymbolicLink(dead.resolve(LIBRARY), precious);
    Path lock = base.resolve("of-another-program");
    Path linked = dead(NO_PID, 3);
    Files.createSymbolicLink(linked.resolve(PrivateDirectory.LOCK), lock);
    age(elsewhere);
    age(dead);
    age(linked);

    PrivateDirectory.create(base);

    assertThat(link).isSymbolicLink();
    assertThat(precious).hasContent("precious");
    assertThat(dead).as("the link in it was deleted, not its target").doesNotExist();
    assertThat(lock).as("a lock that is a link is not opened").doesNotExist();
  }

  /** Two class loaders of this JVM and another process, all at the same directories. */
  @Test
  void manySweepAtOnce() throws Exception {
    List<Path> dead = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      dead.add(dead(NO_PID, i));
    }
    List<Path> made = new ArrayList<>();
    CyclicBarrier start = new CyclicBarrier(3);
    try (ExecutorService threads = Executors.newFixedThreadPool(2);
        URLClassLoader one = loader();
        URLClassLoader two = loader()) {
      Future<Path> first = threads.submit(find(one, start));
      Future<Path> second = threads.submit(find(two, start));
      start.await(30, TimeUnit.SECONDS);
      try (Holder other = new Holder(base)) {
        made.add(first.get().getParent());
        made.add(second.get().getParent());
        made.add(other.directory);
        for (Path directory : dead) {
          if (Files.exists(directory)) {
            age(directory); // what a sweep has begun with is young again
          }
        }
        made.forEach(SweepTest::age);
        PrivateDirectory.create(base);
        assertThat(dead).allSatisfy(directory -> assertThat(directory).doesNotExist());
        try (Holder last = new Holder(base)) {
          made.add(last.directory);
          assertThat(made).allSatisfy(directory -> assertThat(directory).isNotEmptyDirectory());
        }
      }
    }
  }

  private Callable<Path> find(URLClassLoader loader, CyclicBarrier start) {
    return () -> {
      Method program =
          loader.loadClass(LoadingProgram.class.getName()).getDeclaredMethod("find", Path.class);
      program.setAccessible(true);
      start.await(30, TimeUnit.SECONDS);
      return (Path) Objects.requireNonNull(program.invoke(null, base));
    };
  }

  private static URLClassLoader loader() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : LoadingJvm.classPath().split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static String name(long pid, long start) {
    return "litestream-jdbc-" + pid + "-" + start + "-" + UUID.randomUUID();
  }

  /** As a killed JVM leaves it, but for the lock. */
  private Path dead(long pid, long start) throws IOException {
    Path directory = Files.createDirectory(base.resolve(name(pid, start)));
    Files.writeString(directory.resolve(LIBRARY), "library");
    age(directory);
    return directory;
  }

  private static void age(Path path) {
    try {
      Instant longAgo = Instant.now().minus(Sweep.MAKING).minusSeconds(60);
      Files.setLastModifiedTime(path, FileTime.from(longAgo));
    } catch (IOException e) {
      throw new AssertionError(path.toString(), e);
    }
  }

  /** A JVM that has unpacked the library and holds it until it is closed or killed. */
  private static final class Holder implements AutoCloseable {
    final Process process;
    final Path directory;

    Holder(Path base) throws IOException {
      Map<String, String> properties = Map.of("litestream.native.dir", base.toString());
      process =
          new ProcessBuilder(LoadingJvm.command(LoadingJvm.ownClassPath(), properties, "hold"))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader out =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      String found = Objects.requireNonNull(out.readLine(), "the other JVM's answer");
      assertThat(found).startsWith("found ");
      directory = Objects.requireNonNull(Path.of(found.substring("found ".length())).getParent());
    }

    void kill() throws InterruptedException {
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() throws Exception {
      process.getOutputStream().close();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}

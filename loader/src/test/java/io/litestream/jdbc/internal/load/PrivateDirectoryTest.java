package io.litestream.jdbc.internal.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {

  @TempDir Path base;

  @Test
  void onlyItsUserCanEnter() throws IOException {
    Path directory = PrivateDirectory.create(base).path();
    if (base.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwx------");
    }
    assertThat(directory.getFileName().toString())
        .matches("litestream-jdbc-[0-9a-f]{16}-[0-9a-f-]{36}");
  }

  @Test
  void aMissingBaseIsMade() throws IOException {
    assertThat(PrivateDirectory.create(base.resolve("a/b")).path()).startsWith(base.toRealPath());
  }

  @Test
  void abandonedDirectoriesAreSwept() throws Exception {
    Path killed;
    try (Jvm other = new Jvm(base)) {
      killed = other.directory;
      Files.writeString(killed.resolve("liblitestream_jdbc.so"), "library");
      other.kill();
    }
    Path ended =
        base.resolve("litestream-jdbc-0123456789abcdef-00000000-0000-0000-0000-000000000000");
    Files.createDirectory(ended);
    age(killed);
    age(ended);

    PrivateDirectory.create(base);

    assertThat(killed).doesNotExist();
    assertThat(ended).doesNotExist();
  }

  @Test
  void directoriesInUseStay() throws Exception {
    Path own = PrivateDirectory.create(base).path();
    age(own);
    try (Jvm other = new Jvm(base)) {
      age(own);
      age(other.directory);
      Path second = PrivateDirectory.create(base).path();
      assertThat(own).isDirectory().isNotEqualTo(second);
      assertThat(other.directory).isDirectory();
      // Had this JVM probed its own lock, it would have lost it, and another one's sweep would take
      // the directory.
      age(own);
      try (Jvm third = new Jvm(base)) {
        assertThat(third.directory).isDirectory();
        assertThat(own).isDirectory();
      }
    }
  }

  @Test
  void whatIsNotOursStays() throws IOException {
    Path other = Files.createDirectory(base.resolve("litestream-jdbc-demo"));
    Path young =
        Files.createDirectory(
            base.resolve("litestream-jdbc-0123456789abcdef-00000000-0000-0000-0000-000000000001"));
    age(other);
    PrivateDirectory.create(base);
    assertThat(other).isDirectory();
    assertThat(young).as("may be just being made").isDirectory();
  }

  private static void age(Path directory) throws IOException {
    Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minus(Duration.ofMinutes(5))));
  }

  /** A JVM that has made a directory and holds it. */
  private static final class Jvm implements AutoCloseable {
    final Process process;
    final Path directory;

    Jvm(Path base) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  DirectoryHolder.class.getName(),
                  base.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader out =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      directory = Path.of(Objects.requireNonNull(out.readLine(), "the other JVM's directory"));
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

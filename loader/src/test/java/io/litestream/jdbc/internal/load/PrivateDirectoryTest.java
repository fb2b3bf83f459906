package io.litestream.jdbc.internal.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
  }

  @Test
  void theNameSaysWhichProcessMadeIt() throws IOException {
    long pid = ProcessHandle.current().pid();
    long start = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
    assertThat(PrivateDirectory.create(base).path().getFileName().toString())
        .matches("litestream-jdbc-" + pid + "-" + start + "-[0-9a-f-]{36}");
  }

  @Test
  void eachIsNew() throws IOException {
    assertThat(PrivateDirectory.create(base).path())
        .isNotEqualTo(PrivateDirectory.create(base).path());
  }

  @Test
  void aMissingBaseIsMade() throws IOException {
    assertThat(PrivateDirectory.create(base.resolve("a/b")).path()).startsWith(base.toRealPath());
  }

  @Test
  void whatIsDiscardedIsGone() throws IOException {
    PrivateDirectory directory = PrivateDirectory.create(base);
    Files.writeString(directory.path().resolve("part"), "of a library");
    directory.discard();
    assertThat(base).isEmptyDirectory();
  }
}

package io.litestream.jdbc.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

  private static final Platform HERE =
      Platform.of(System.getProperty("os.name"), System.getProperty("os.arch"));
  private static final ClassLoader CLASS_PATH =
      Objects.requireNonNull(NativeLibrary.class.getClassLoader());

  @TempDir Path temp;
  private final Map<String, String> properties = new HashMap<>();

  @BeforeEach
  void system() {
    properties.put("os.name", System.getProperty("os.name"));
    properties.put("os.arch", System.getProperty("os.arch"));
    properties.put("java.io.tmpdir", temp.resolve("jvm").toString());
  }

  private Path find() throws IOException {
    return NativeLibrary.find(properties::get, CLASS_PATH);
  }

  @Test
  void theBundledLibraryIsUnpackedUnchanged() throws IOException {
    Path file = find();
    assertThat(file).startsWith(temp.toRealPath()).hasFileName(HERE.library()).isExecutable();
    byte[] bundled = Bundled.read(HERE, CLASS_PATH).bytes();
    assertThat(file).hasBinaryContent(bundled);
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactlyInAnyOrder(file, file.resolveSibling(PrivateDirectory.LOCK));
    }
  }

  @Test
  void eachCallerGetsAFileOfItsOwn() throws IOException {
    assertThat(find()).isNotEqualTo(find());
  }

  @Test
  void theExactFileIsUsedAsItIs() throws IOException {
    Path exact = Files.writeString(temp.resolve("mine.so"), "x");
    properties.put(NativeLibrary.PATH_PROPERTY, exact.toString());
    assertThat(find()).isEqualTo(exact.toRealPath());
  }

  @Test
  void anExactFileThatIsMissingIsNamed() {
    properties.put(NativeLibrary.PATH_PROPERTY, "/no/such.so");
    assertThatThrownBy(this::find)
        .hasMessage("litestream.native.path=/no/such.so: there is no such file");
  }

  @Test
  void directoriesAreTriedInOrder() throws IOException {
    properties.put("org.sqlite.tmpdir", temp.resolve("sqlite").toString());
    assertThat(find()).startsWith(temp.resolve("sqlite").toRealPath());
    properties.put(NativeLibrary.DIRECTORY_PROPERTY, temp.resolve("own").toString());
    assertThat(find()).startsWith(temp.resolve("own").toRealPath());
  }

  @Test
  void aDirectoryThatDoesNotWorkIsPassedOver() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    properties.put(NativeLibrary.DIRECTORY_PROPERTY, file.toString());
    assertThat(find()).startsWith(temp.resolve("jvm").toRealPath());
  }

  @Test
  void withoutAnyDirectoryTheTextSaysWhichAndWhatToSet() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    properties.put("java.io.tmpdir", file.toString());
    assertThatThrownBy(this::find)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("FileAlreadyExistsException")
        .hasMessageContaining("-Dlitestream.native.dir")
        .hasMessageContaining("emptyDir");
  }

  @Test
  void aNoexecMountIsNamed() throws Exception {
    Path mount = Files.createDirectory(temp.resolve("noexec"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "noexec,size=4m", "tmpfs", mount.toString()),
        () -> "aNoexecMountIsNamed did not run: mounting needs root on Linux");
    try {
      properties.put("java.io.tmpdir", mount.toString());
      assertThatThrownBy(this::find)
          .hasMessageContaining(mount + ": files in it cannot be executed (is it mounted noexec?)")
          .hasMessageContaining("-Dlitestream.native.dir");
      try (Stream<Path> left = Files.walk(mount)) {
        assertThat(left).noneMatch(file -> file.endsWith(HERE.library()));
      }
    } finally {
      run("umount", "-l", mount.toString());
    }
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aDamagedLibraryIsRefused() throws Exception {
    Path library = temp.resolve(HERE.resource());
    Files.createDirectories(library.getParent());
    byte[] bytes = Bundled.read(HERE, CLASS_PATH).bytes();
    String sum = Bundled.read(HERE, CLASS_PATH).sha256();
    bytes[bytes.length / 2] ^= 1;
    Files.write(library, bytes);
    Files.writeString(Path.of(library + ".sha256"), sum + "  " + HERE.library() + "\n");
    try (URLClassLoader damaged = new URLClassLoader(new URL[] {temp.toUri().toURL()}, null)) {
      assertThatThrownBy(() -> NativeLibrary.find(properties::get, damaged))
          .hasMessageContaining(HERE.resource() + " is damaged")
          .hasMessageContaining("expected " + sum);
    }
  }

  @Test
  void aPlatformWithoutABinaryIsToldWhatThereIs() {
    properties.put("os.arch", "riscv64");
    assertThatThrownBy(this::find)
        .hasMessageContaining("no native library for " + HERE.os() + "-riscv64")
        .hasMessageContaining("it has: " + HERE)
        .hasMessageContaining("-Dlitestream.native.path");
  }

  @Test
  void platformsHaveTheNamesOfTheBuild() {
    assertThat(Platform.of("Linux", "amd64")).hasToString("linux-x86_64");
    assertThat(Platform.of("Mac OS X", "aarch64")).hasToString("macos-aarch64");
    assertThat(Platform.of("Windows 11", "amd64").resource())
        .isEqualTo("META-INF/native/windows-x86_64/litestream_jdbc.dll");
  }

  @Test
  void theFileBelongsToItsUserAlone() throws IOException {
    Path file = find();
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
          .isEqualTo("rwx------");
    }
  }
}

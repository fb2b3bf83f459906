package io.litestream.jdbc.internal.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.internal.ffi.Version;
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
import java.util.stream.Stream;
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
        .hasMessageStartingWith("litestream.native.path=/no/such.so: there is no such file")
        .hasMessageContaining("remove the property to load the bundled library");
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
  void aDirectoryThatDoesNotWorkIsLeftAsItWas() throws IOException {
    Path base = Files.createDirectory(temp.resolve("small"));
    Bundled damaged =
        new Bundled(HERE.library(), temp.toUri().toURL(), new byte[10], "another checksum");
    assertThatThrownBy(() -> new Unpacking.Base("x", base.toString()).unpack(damaged))
        .hasMessage("the directory does not keep what is written to it");
    assertThat(base).isEmptyDirectory();
  }

  @Test
  void whatIsNoPathIsPassedOver() throws IOException {
    properties.put(NativeLibrary.DIRECTORY_PROPERTY, "a\0b");
    assertThat(find()).startsWith(temp.resolve("jvm").toRealPath());
    properties.remove("java.io.tmpdir");
    assertThatThrownBy(this::find)
        .hasMessageContaining("litestream.native.dir=a")
        .hasMessageContaining("this is no path");
  }

  /** As in a servlet container whose temporary directory somebody has tidied away. */
  @Test
  void aMissingTemporaryDirectoryIsMade() throws IOException {
    properties.put("java.io.tmpdir", temp.resolve("tidied/away").toString());
    assertThat(find()).startsWith(temp.resolve("tidied/away").toRealPath());
  }

  @Test
  void pathsMayHaveBlanksAndAnyLetters() throws Exception {
    String name = "Büro 1/ein Verzeichnis/データ";
    Map<String, String> named =
        Map.of(NativeLibrary.DIRECTORY_PROPERTY, temp.toRealPath() + "/" + name);
    assertThat(LoadingJvm.run(LoadingJvm.command(LoadingJvm.classPath(), named, "load")))
        .startsWith("found " + temp.toRealPath() + "/" + name + "/litestream-jdbc-");
  }

  @Test
  void withoutAnyDirectoryTheTextSaysWhichAndWhatToSet() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    properties.put("java.io.tmpdir", file.toString());
    assertThatThrownBy(this::find)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("java.io.tmpdir=" + file + ": " + file + " is no directory")
        .hasMessageContaining("-Dlitestream.native.dir")
        .hasMessageContaining("emptyDir");
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
  void aLibraryOfAnotherVersionIsRefused() throws Exception {
    String other = "9" + Version.OF_JAR.substring(1);
    String bytes = new String(Bundled.read(HERE, CLASS_PATH).bytes(), ISO_8859_1);
    Path file = temp.resolve(HERE.library());
    Files.writeString(file, bytes.replace(Version.OF_JAR, other), ISO_8859_1);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    Map<String, String> named = Map.of(NativeLibrary.PATH_PROPERTY, file.toString());
    assertThat(LoadingJvm.run(LoadingJvm.command(LoadingJvm.classPath(), named, "load")))
        .startsWith("failed: cannot load litestream-jdbc: " + file.toRealPath())
        .contains("of litestream-jdbc " + other + ", but the jar is " + Version.OF_JAR)
        .contains("correct -Dlitestream.native.path");
  }

  @Test
  void whatIsNoLibraryIsRefused() throws Exception {
    Path file = Files.writeString(temp.resolve("text.so"), "no library");
    Map<String, String> named = Map.of(NativeLibrary.PATH_PROPERTY, file.toString());
    assertThat(LoadingJvm.run(LoadingJvm.command(LoadingJvm.classPath(), named, "load")))
        .contains("failed: cannot load litestream-jdbc: the JVM cannot open the native library")
        .contains(file.toRealPath().toString(), "set -Dlitestream.native.path");
  }

  @Test
  void aPlatformWithoutABinaryIsToldWhatThereIs() {
    properties.put("os.arch", "riscv64");
    assertThatThrownBy(this::find)
        .hasMessageContaining("no native library for " + HERE.os() + "-riscv64")
        .hasMessageContaining("it has: " + HERE)
        .hasMessageContaining("there is a release for linux-x86_64, linux-aarch64, macos-x86_64")
        .hasMessageContaining("-Dlitestream.native.path");
  }

  @Test
  void aJvmOf32BitsIsToldSo() {
    for (String arch : List.of("x86", "i386", "arm")) {
      properties.put("os.arch", arch);
      assertThatThrownBy(this::find)
          .hasMessageContaining("no native library for " + HERE.os() + "-" + arch)
          .hasMessageEndingWith("use a 64-bit JVM");
    }
  }

  /** As after a build that left out what is below META-INF. */
  @Test
  void aJarWithoutBinariesIsNamed() throws Exception {
    try (URLClassLoader empty = new URLClassLoader(new URL[0], null)) {
      assertThatThrownBy(() -> NativeLibrary.find(properties::get, empty))
          .hasMessageContaining("it has: none for any platform")
          .hasMessageContaining(
              "add litestream-jdbc, or its jar with the classifier natives-" + HERE)
          .hasMessageContaining("-Dlitestream.native.path");
    }
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

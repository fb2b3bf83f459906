package io.litestream.jdbc.internal.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The file of the native library: the one that {@value #PATH_PROPERTY} names, else the bundled one
 * in a private directory. Two class loaders must not share a file, because then they would share
 * its variables.
 */
public final class NativeLibrary {

  /** System property: an exact file, used as it is. */
  public static final String PATH_PROPERTY = "litestream.native.path";

  /** System property: where to make the private directory. */
  public static final String DIRECTORY_PROPERTY = "litestream.native.dir";

  /** In order; where sqlite-jdbc unpacks its library, this one can be unpacked too. */
  private static final List<String> DIRECTORIES =
      List.of(DIRECTORY_PROPERTY, "org.sqlite.tmpdir", "java.io.tmpdir");

  private static @Nullable Path file;

  private NativeLibrary() {}

  /**
   * The library's file, unpacked by the first call. Thread-safe.
   *
   * @throws IOException when there is no library to be had; the text says why and what to set
   */
  public static synchronized Path file() throws IOException {
    Path known = file;
    if (known == null) {
      known = find(System::getProperty, NativeLibrary.class.getClassLoader());
      file = known;
    }
    return known;
  }

  static Path find(UnaryOperator<@Nullable String> properties, ClassLoader classPath)
      throws IOException {
    String exact = properties.apply(PATH_PROPERTY);
    if (exact != null) {
      Path path = path(PATH_PROPERTY, exact).toAbsolutePath();
      if (!Files.isRegularFile(path)) {
        throw new IOException(PATH_PROPERTY + "=" + exact + ": there is no such file");
      }
      return path.toRealPath();
    }
    Platform platform =
        Platform.of(
            String.valueOf(properties.apply("os.name")),
            String.valueOf(properties.apply("os.arch")));
    return unpack(Bundled.read(platform, classPath), bases(properties));
  }

  private static Set<Path> bases(UnaryOperator<@Nullable String> properties) throws IOException {
    Set<Path> bases = new LinkedHashSet<>();
    for (String property : DIRECTORIES) {
      String directory = properties.apply(property);
      if (directory != null && !directory.isEmpty()) {
        bases.add(path(property, directory).toAbsolutePath());
      }
    }
    return bases;
  }

  private static Path path(String property, String value) throws IOException {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new IOException(property + "=" + value + " is no path: " + e.getReason(), e);
    }
  }

  /** Unpacks into the first directory that takes it. */
  private static Path unpack(Bundled library, Set<Path> bases) throws IOException {
    List<String> reasons = new ArrayList<>();
    for (Path base : bases) {
      try {
        return unpack(library, base);
      } catch (IOException e) {
        reasons.add(base + ": " + reason(e));
      }
    }
    throw new IOException(
        "there is no directory for the native library ("
            + String.join("; ", reasons)
            + "): set -D"
            + DIRECTORY_PROPERTY
            + " to a directory that can be written and is not mounted noexec; in a container, mount"
            + " one there (Docker: --tmpfs /native:exec, Kubernetes: an emptyDir)");
  }

  /**
   * The file system's exceptions say by their type what is wrong; this package's say it in words.
   */
  private static String reason(IOException e) {
    return e.getClass() == IOException.class ? String.valueOf(e.getMessage()) : e.toString();
  }

  private static Path unpack(Bundled library, Path base) throws IOException {
    Path directory = PrivateDirectory.create(base).path();
    Path written = directory.resolve(library.name() + ".part");
    Path done = directory.resolve(library.name());
    done.toFile().deleteOnExit();
    try {
      Files.write(written, library.bytes(), StandardOpenOption.CREATE_NEW);
      if (!library.isIn(written)) {
        throw new IOException("the directory does not keep what is written to it");
      }
      written.toFile().setExecutable(true, true);
      if (!Files.isExecutable(written)) {
        throw new IOException("files in it cannot be executed (is it mounted noexec?)");
      }
      return Files.move(written, done, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}

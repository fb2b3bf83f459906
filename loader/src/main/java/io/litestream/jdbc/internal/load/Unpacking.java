package io.litestream.jdbc.internal.load;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where the bundled library becomes a file, which is what the JVM and SQLite load. */
final class Unpacking {

  /** In order; where sqlite-jdbc unpacks its library, this one can be unpacked too. */
  static final List<String> PROPERTIES =
      List.of(NativeLibrary.DIRECTORY_PROPERTY, "org.sqlite.tmpdir", "java.io.tmpdir");

  static final String REMEDY =
      "set -D"
          + NativeLibrary.DIRECTORY_PROPERTY
          + " to a directory that can be written and is not mounted noexec; in a container, mount"
          + " one there (Docker: --tmpfs /native:exec, Kubernetes: an emptyDir)";

  private Unpacking() {}

  /** A directory that a system property names. */
  record Base(String property, String value) {

    @Override
    public String toString() {
      return property + "=" + value;
    }

    /**
     * Writes the library into a new private directory.
     *
     * @return the file
     * @throws IOException when that is not possible; then nothing is left
     */
    Path unpack(Bundled library) throws IOException {
      PrivateDirectory directory = PrivateDirectory.create(path().toAbsolutePath());
      try {
        return write(library, directory.path());
      } catch (IOException e) {
        directory.discard();
        throw e;
      }
    }

    /** What {@link #unpack} does, undone. */
    void probe(Bundled library) throws IOException {
      PrivateDirectory directory = PrivateDirectory.create(path().toAbsolutePath());
      try {
        write(library, directory.path());
      } finally {
        directory.discard();
      }
    }

    private Path path() throws IOException {
      try {
        return Path.of(value);
      } catch (InvalidPathException e) {
        throw new IOException("this is no path: " + e.getReason(), e);
      }
    }
  }

  /** The directories that are named, in the order in which they are tried. */
  static List<Base> bases(UnaryOperator<@Nullable String> properties) {
    List<Base> bases = new ArrayList<>();
    for (String property : PROPERTIES) {
      String value = properties.apply(property);
      if (value != null && !value.isEmpty()) {
        bases.add(new Base(property, value));
      }
    }
    return bases;
  }

  /**
   * Unpacks into the first directory that takes it.
   *
   * @throws IOException when none does
   */
  static Path unpack(Bundled library, List<Base> bases) throws IOException {
    List<String> reasons = new ArrayList<>();
    for (Base base : bases) {
      try {
        return base.unpack(library);
      } catch (IOException e) {
        reasons.add(base + ": " + reason(e));
      }
    }
    throw new IOException(
        "there is no directory for the native library ("
            + String.join("; ", reasons)
            + "): "
            + REMEDY);
  }

  /** In words, where the file system's exceptions say by their type alone what is wrong. */
  static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied for " + denied.getFile();
      case FileAlreadyExistsException file -> file.getFile() + " is no directory";
      case NoSuchFileException missing -> "there is no " + missing.getFile();
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  private static Path write(Bundled library, Path directory) throws IOException {
    Path written = directory.resolve(library.name() + ".part");
    Path done = directory.resolve(library.name());
    done.toFile().deleteOnExit();
    Files.write(written, library.bytes(), StandardOpenOption.CREATE_NEW);
    if (!library.isIn(written)) {
      throw new IOException("the directory does not keep what is written to it");
    }
    written.toFile().setExecutable(true, true);
    if (!Files.isExecutable(written)) {
      throw new IOException("files in it cannot be executed (is it mounted noexec?)");
    }
    return Files.move(written, done, StandardCopyOption.ATOMIC_MOVE);
  }
}

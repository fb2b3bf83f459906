package io.litestream.jdbc.internal.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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

  /** The JVM's option that lets it be called. */
  public static String accessOption() {
    Module module = NativeLibrary.class.getModule();
    String names = module.isNamed() ? module.getName() + ",org.xerial.sqlitejdbc" : "ALL-UNNAMED";
    return "--enable-native-access=" + names;
  }

  static Path find(UnaryOperator<@Nullable String> properties, ClassLoader classPath)
      throws IOException {
    String exact = properties.apply(PATH_PROPERTY);
    if (exact != null) {
      return exact(exact);
    }
    Platform platform = Platform.of(properties);
    return Unpacking.unpack(Bundled.read(platform, classPath), Unpacking.bases(properties));
  }

  /** The file that the user names. */
  static Path exact(String value) throws IOException {
    try {
      Path path = Path.of(value);
      if (Files.isRegularFile(path)) {
        return path.toRealPath();
      }
    } catch (InvalidPathException e) {
      throw new IOException(PATH_PROPERTY + "=" + value + " is no path: " + e.getReason(), e);
    }
    throw new IOException(
        PATH_PROPERTY
            + "="
            + value
            + ": there is no such file; correct it, or remove the property to load the bundled"
            + " library");
  }
}

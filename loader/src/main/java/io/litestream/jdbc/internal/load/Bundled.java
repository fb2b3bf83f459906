package io.litestream.jdbc.internal.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The library in the class path, as large as its checksum says.
 *
 * @param name the file name
 * @param bytes the library
 * @param source where it is
 * @param sha256 its checksum, lower-case hex
 */
record Bundled(String name, URL source, byte[] bytes, String sha256) {

  private static final String KNOWN =
      Platform.KNOWN.stream().map(Platform::toString).collect(Collectors.joining(", "));

  /**
   * Reads the platform's library and compares its checksum with the one beside it.
   *
   * @throws IOException when there is none, or it is damaged
   */
  static Bundled read(Platform platform, ClassLoader classPath) throws IOException {
    String resource = platform.resource();
    URL library = classPath.getResource(resource);
    URL checksum = classPath.getResource(resource + ".sha256");
    if (library == null || checksum == null) {
      throw new IOException(missing(platform, classPath));
    }
    byte[] bytes = read(library);
    String expected = new String(read(checksum), US_ASCII).strip().split(" ", 2)[0];
    Bundled bundled =
        new Bundled(platform.library(), library, bytes, expected.toLowerCase(Locale.ROOT));
    String found = sha256(bytes);
    if (!found.equals(bundled.sha256)) {
      throw new IOException(
          resource
              + " is damaged: its SHA-256 is "
              + found
              + ", expected "
              + bundled.sha256
              + ": get the jar again, or set -D"
              + NativeLibrary.PATH_PROPERTY
              + " to a library of this version");
    }
    return bundled;
  }

  /** Whether a file has these bytes. */
  boolean isIn(Path file) throws IOException {
    return sha256(Files.readAllBytes(file)).equals(sha256);
  }

  private static String missing(Platform platform, ClassLoader classPath) {
    String text =
        "there is no native library for "
            + platform
            + " in the class path (it has: "
            + available(classPath)
            + "): ";
    if (platform.is32Bit()) {
      return text + "use a 64-bit JVM";
    }
    String own =
        "build the library from vfs-native and set -D"
            + NativeLibrary.PATH_PROPERTY
            + " to the file";
    return Platform.KNOWN.contains(platform)
        ? text
            + "add litestream-jdbc, or its jar with the classifier natives-"
            + platform
            + ", or "
            + own
        : text + "there is a release for " + KNOWN + " only; " + own;
  }

  private static String available(ClassLoader classPath) {
    String names =
        Platform.KNOWN.stream()
            .filter(known -> classPath.getResource(known.resource()) != null)
            .map(Platform::toString)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none for any platform" : names;
  }

  /** Without the JVM's cache of jar files, which would keep the jar open. */
  private static byte[] read(URL resource) throws IOException {
    URLConnection connection = resource.openConnection();
    connection.setUseCaches(false);
    try (InputStream in = connection.getInputStream()) {
      return in.readAllBytes();
    }
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}

package io.litestream.jdbc.internal.ffi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The version of this jar, which its native library must have too. */
public final class Version {

  /** As the project's pom has it. */
  public static final String OF_JAR = read();

  private Version() {}

  /** One of its numbers: 0 for the major one, 1 for the minor one. */
  public static int number(int index) {
    return Integer.parseInt(OF_JAR.split("[.-]", -1)[index]);
  }

  private static String read() {
    try (InputStream in =
        Objects.requireNonNull(Version.class.getResourceAsStream("version.txt"), "version.txt")) {
      return new String(in.readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      throw new AssertionError("a resource of this jar cannot be read", e);
    }
  }
}

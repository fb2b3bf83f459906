package io.litestream.jdbc.internal.load;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A system and processor, by the names of the native build.
 *
 * @param os linux, macos, windows, or the JVM's own name for another system
 * @param arch x86_64, aarch64, or the JVM's own name for another processor
 */
record Platform(String os, String arch) {

  /** What there are binaries for, at most. */
  static final List<Platform> KNOWN =
      List.of(
          new Platform("linux", "x86_64"),
          new Platform("linux", "aarch64"),
          new Platform("macos", "x86_64"),
          new Platform("macos", "aarch64"),
          new Platform("windows", "x86_64"));

  /** How JVMs call 32-bit processors, or 64-bit ones of which they use half. */
  private static final Set<String> BITS_32 =
      Set.of("x86", "i386", "i486", "i586", "i686", "arm", "arm32", "ppc", "riscv32");

  /**
   * @param osName the system property os.name
   * @param osArch the system property os.arch
   */
  static Platform of(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT);
    String arch = osArch.toLowerCase(Locale.ROOT);
    return new Platform(
        os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os,
        switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch64";
          default -> arch;
        });
  }

  /** The one that this JVM's system properties name. */
  static Platform of(UnaryOperator<@Nullable String> properties) {
    return of(
        String.valueOf(properties.apply("os.name")), String.valueOf(properties.apply("os.arch")));
  }

  /** Whether its JVMs have 32 bits, for which Java's foreign functions do not exist. */
  boolean is32Bit() {
    return BITS_32.contains(arch);
  }

  /** The library's file name. */
  String library() {
    return switch (os) {
      case "windows" -> "litestream_jdbc.dll";
      case "macos" -> "liblitestream_jdbc.dylib";
      default -> "liblitestream_jdbc.so";
    };
  }

  /** Where the library is in the class path. */
  String resource() {
    return "META-INF/native/" + this + "/" + library();
  }

  @Override
  public String toString() {
    return os + "-" + arch;
  }
}

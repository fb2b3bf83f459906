package io.litestream.jdbc.internal.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the way of the native library, found by doing what loading does: which one is
 * chosen, whether it is undamaged, and which directories take it. Needs the JDK only.
 */
public final class NativeChecks {

  private static final String LIBRARY = "library";

  private NativeChecks() {}

  /** Of this JVM. */
  public static List<Check> all() {
    return all(System::getProperty, NativeChecks.class.getClassLoader());
  }

  static List<Check> all(UnaryOperator<@Nullable String> properties, ClassLoader classPath) {
    List<Check> checks = new ArrayList<>();
    checks.add(platform(properties));
    try {
      String exact = properties.apply(NativeLibrary.PATH_PROPERTY);
      if (exact != null) {
        checks.addAll(named(exact));
      } else {
        Bundled bundled = Bundled.read(Platform.of(properties), classPath);
        checks.addAll(bundled(bundled));
        checks.addAll(directories(bundled, properties));
      }
    } catch (IOException e) {
      checks.add(Check.failed(LIBRARY, Unpacking.reason(e)));
    }
    return checks;
  }

  private static Check platform(UnaryOperator<@Nullable String> properties) {
    return Check.ok(
        "platform",
        Platform.of(properties)
            + " (os.name="
            + properties.apply("os.name")
            + ", os.arch="
            + properties.apply("os.arch")
            + "), Java "
            + Runtime.version()
            + " in "
            + properties.apply("java.home"));
  }

  private static List<Check> named(String exact) throws IOException {
    Path file = NativeLibrary.exact(exact);
    byte[] bytes = Files.readAllBytes(file);
    return List.of(
        Check.ok(
            LIBRARY, file + ", " + bytes.length + " bytes, by -D" + NativeLibrary.PATH_PROPERTY),
        Check.note("SHA-256", Bundled.sha256(bytes) + " (not checked: the file is yours)"));
  }

  private static List<Check> bundled(Bundled bundled) {
    return List.of(
        Check.ok(LIBRARY, bundled.source() + ", " + bundled.bytes().length + " bytes"),
        Check.ok("SHA-256", bundled.sha256() + ", as it should be"));
  }

  private static List<Check> directories(
      Bundled bundled, UnaryOperator<@Nullable String> properties) {
    List<Check> checks = new ArrayList<>();
    List<Unpacking.Base> bases = Unpacking.bases(properties);
    String chosen = null;
    for (Unpacking.Base base : bases) {
      try {
        base.probe(bundled);
        checks.add(Check.ok("directory", base + ": takes the library"));
        chosen = chosen == null ? base.value() : chosen;
      } catch (IOException e) {
        checks.add(Check.note("directory", base + ": " + Unpacking.reason(e)));
      }
    }
    checks.add(
        chosen == null
            ? Check.failed("chosen", "none: " + Unpacking.REMEDY)
            : Check.ok("chosen", chosen));
    return checks;
  }
}

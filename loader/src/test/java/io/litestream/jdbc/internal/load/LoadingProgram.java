package io.litestream.jdbc.internal.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.litestream.jdbc.Litestream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;

/** Prints {@code found FILE} or {@code failed: TEXT}, and ends as it is told. */
final class LoadingProgram {

  private LoadingProgram() {}

  /**
   * Finds the library.
   *
   * @param mode exit; halt, which leaves behind what a killed JVM does; load, which has SQLite load
   *     it; hold, which waits for the end of the input
   */
  public static void main(String[] mode) throws Exception {
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    try {
      if (mode[0].equals("load")) {
        try (Connection any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
          Litestream.load(any);
        }
      }
      out.println("found " + NativeLibrary.file());
    } catch (IOException | SQLException e) {
      out.println("failed: " + e.getMessage());
    }
    switch (mode[0]) {
      case "halt" -> Runtime.getRuntime().halt(137);
      case "hold" -> System.in.transferTo(PrintStream.nullOutputStream());
      default -> System.exit(0);
    }
  }

  /** For a class loader of this JVM: the library, unpacked below a directory. */
  static Path find(Path base) throws IOException {
    return NativeLibrary.find(
        property ->
            property.equals(NativeLibrary.DIRECTORY_PROPERTY)
                ? base.toString()
                : property.startsWith("os.") ? System.getProperty(property) : null,
        Objects.requireNonNull(LoadingProgram.class.getClassLoader()));
  }
}

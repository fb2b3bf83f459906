import io.litestream.jdbc.Litestream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/**
 * What a start costs, as one line: milliseconds to unpack the library, to load it into a
 * connection, and to open a replica and read from it; then the process's resident memory in KiB
 * before and after that last step. Arguments: those of {@link Smoke}.
 */
public final class Footprint {

  private Footprint() {}

  public static void main(String[] args) throws Exception {
    Path replica = Path.of(args[1]);
    Smoke.copy(Path.of(args[0]).resolve("replica"), replica);
    try (Connection memory = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      long start = System.nanoTime();
      Litestream.loadablePath();
      long unpacked = System.nanoTime();
      Litestream.load(memory);
      long loaded = System.nanoTime();
      long before = resident();
      long opening = System.nanoTime();
      try (Connection db = DriverManager.getConnection("jdbc:litestream:" + replica.toUri());
          Statement sql = db.createStatement();
          ResultSet rows = sql.executeQuery("SELECT count(*) FROM ledger")) {
        long opened = System.nanoTime();
        System.out.printf(
            "%.1f %.1f %.1f %d %d%n",
            (unpacked - start) / 1e6,
            (loaded - unpacked) / 1e6,
            (opened - opening) / 1e6,
            before,
            resident());
      }
    }
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/self/status has no VmRSS");
  }
}

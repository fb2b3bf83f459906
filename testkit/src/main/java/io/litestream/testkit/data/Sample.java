package io.litestream.testkit.data;

import io.litestream.testkit.data.SteadyPrimary.Updates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A database and its replica, made once for each directory: seconds the first time, nothing later.
 *
 * @param database as a plain file, checkpointed
 * @param replica the replica's root in the layout of S3
 * @param later L0 files of {@link #LATER} transactions that follow in the steady shapes
 * @param table what the database began as
 */
public record Sample(Path database, Path replica, Path later, SampleTable table) {

  /** Changes when what is made changes. */
  private static final String VERSION = "2";

  /** The replica's shape. */
  public enum Shape {
    /** One snapshot. */
    SNAP,
    /**
     * Twenty hours at one transaction a second after the snapshot, with Litestream's default levels
     * and retention: 2,958 objects. Each updates one of 200 rows and appends one.
     */
    STEADY,
    /** The same with updates of any row. */
    STEADY_RANDOM
  }

  /** When the snapshot was made. */
  public static final Instant START = SteadyPrimary.START;

  /** Transactions after the snapshot in the steady shapes. */
  public static final int TRANSACTIONS = SteadyPrimary.TRANSACTIONS;

  /** Rows that the steady shape updates. */
  public static final int HOT_ROWS = SteadyPrimary.HOT_ROWS;

  /** Transactions in {@link #later}. */
  public static final int LATER = SteadyPrimary.LATER;

  /** Files that show the newest state of the steady shapes. */
  public static final int PLANNED_FILES = 71;

  /** The TXID of a transaction after the snapshot. */
  public static long txid(int transaction) {
    return SteadyPrimary.FIRST_TXID + transaction;
  }

  /** When a transaction after the snapshot was committed. */
  public static Instant committed(int transaction) {
    return SteadyPrimary.committed(transaction);
  }

  /** The id of one of the 200 rows that the steady shape updates, from 0 on. */
  public int hot(int number) {
    return 1 + number * (table.rows() / SteadyPrimary.HOT_ROWS);
  }

  /** The sample in a directory; several processes may ask at once. */
  public static Sample in(Path directory, SampleTable table, Shape shape) {
    String name = shape.name().toLowerCase(Locale.ROOT) + "-" + table.rows();
    Path place = directory.toAbsolutePath().resolve(name + "-" + VERSION);
    Sample sample =
        new Sample(place.resolve("t.db"), place.resolve("replica"), place.resolve("later"), table);
    try {
      Files.createDirectories(directory);
      Path lockFile = place.resolveSibling(place.getFileName() + ".lock");
      try (FileChannel lock =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = lock.lock()) {
        Path complete = place.resolve("complete");
        if (held.isValid() && !Files.exists(complete)) {
          Files.createDirectories(place);
          clear(place);
          Files.createDirectories(place);
          sample.make(shape);
          Files.createFile(complete);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(place + " cannot be made", e);
    }
    return sample;
  }

  private void make(Shape shape) throws IOException, SQLException {
    if (shape == Shape.SNAP) {
      table.create(database);
      new ReplicaFiles(replica).writeSnapshot(1, database, START);
    } else {
      Updates updates = shape == Shape.STEADY ? Updates.HOT : Updates.RANDOM;
      new SteadyPrimary(table, updates, database)
          .run(new ReplicaFiles(replica), new ReplicaFiles(later));
    }
  }

  private static void clear(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }
}

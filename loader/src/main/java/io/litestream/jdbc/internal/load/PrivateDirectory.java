package io.litestream.jdbc.internal.load;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/**
 * A directory that only this user can enter and only this class loader uses, named {@code
 * litestream-jdbc-<JVM>-<random>}. A lock on a file in it says that it is in use; it is held until
 * the JVM ends.
 *
 * <p>Directories that nobody holds (their JVM was killed, or the file could not be deleted while
 * loaded) are swept by the next one to come. A JVM never probes its own: closing the probe would
 * release the lock.
 */
final class PrivateDirectory {

  static final String LOCK = "in-use.lock";

  private static final String PREFIX = "litestream-jdbc-";

  /** Nothing else in a shared directory has such a name, so what has it may be deleted. */
  private static final Pattern NAME =
      Pattern.compile(PREFIX + "[0-9a-f]{16}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /**
   * Between making a directory and locking it lie microseconds; the rest is for a machine that
   * stalls.
   */
  private static final Duration MAKING = Duration.ofMinutes(1);

  /**
   * Tells a JVM's own directories from others', whichever class loader made them. Process ids recur
   * in containers.
   */
  private static final String JVM_PROPERTY = "io.litestream.jdbc.jvm";

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** The locks end when their channels are collected, so something holds on to them. */
  private static final Queue<FileLock> HELD = new ConcurrentLinkedQueue<>();

  private final Path path;

  private PrivateDirectory(Path path) {
    this.path = path;
  }

  /**
   * Makes a new directory in {@code base}, which is made too where it is missing, and sweeps the
   * abandoned ones.
   *
   * @throws IOException when that is not possible
   */
  static PrivateDirectory create(Path base) throws IOException {
    Files.createDirectories(base);
    Path path = base.toRealPath().resolve(PREFIX + jvm() + "-" + UUID.randomUUID());
    if (base.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectory(path);
    }
    path.toFile().deleteOnExit();
    HELD.add(lock(path.resolve(LOCK)));
    PrivateDirectory directory = new PrivateDirectory(path);
    directory.sweepSiblings(base.toRealPath());
    return directory;
  }

  Path path() {
    return path;
  }

  private static FileLock lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      throw new IOException(file + " is locked by another process");
    }
    file.toFile().deleteOnExit();
    return lock;
  }

  private static String jvm() {
    return (String)
        System.getProperties()
            .computeIfAbsent(
                JVM_PROPERTY,
                key -> HexFormat.of().toHexDigits(UUID.randomUUID().getLeastSignificantBits()));
  }

  private void sweepSiblings(Path base) {
    String own = PREFIX + jvm() + "-";
    try (DirectoryStream<Path> siblings = Files.newDirectoryStream(base, PREFIX + "*")) {
      for (Path sibling : siblings) {
        String name = String.valueOf(sibling.getFileName());
        if (NAME.matcher(name).matches() && !name.startsWith(own)) {
          sweep(sibling);
        }
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "cannot sweep " + base, e);
    }
  }

  /** Deletes a directory of this user's that nobody holds. */
  private void sweep(Path sibling) {
    try {
      Instant changed = Files.getLastModifiedTime(sibling, LinkOption.NOFOLLOW_LINKS).toInstant();
      if (!Files.isDirectory(sibling, LinkOption.NOFOLLOW_LINKS)
          || !Files.getOwner(sibling, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(path))
          || changed.plus(MAKING).isAfter(Instant.now())) {
        return;
      }
      try (FileChannel channel =
          FileChannel.open(
              sibling.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        if (channel.tryLock() == null) {
          return;
        }
        deleteFiles(sibling);
      }
      Files.delete(sibling);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "cannot sweep " + sibling, e);
    }
  }

  /** The lock file last: while it is there, the rest can be found again. */
  private static void deleteFiles(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!file.endsWith(LOCK)) {
          Files.delete(file);
        }
      }
    }
    Files.delete(directory.resolve(LOCK));
  }
}

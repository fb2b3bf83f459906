package io.litestream.jdbc.internal.load;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A new directory that only this user can enter and only this class loader uses. A lock on a file
 * in it says that it is in use; it is held until the JVM ends.
 */
final class PrivateDirectory {

  static final String LOCK = "in-use.lock";

  /** The locks end when their channels are collected, so something holds on to them. */
  private static final Queue<FileLock> HELD = new ConcurrentLinkedQueue<>();

  private final Path path;
  private final FileLock lock;

  private PrivateDirectory(Path path, FileLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes one in {@code base}, which is made too where it is missing, and sweeps the abandoned
   * ones.
   *
   * @throws IOException when that is not possible
   */
  static PrivateDirectory create(Path base) throws IOException {
    Files.createDirectories(base);
    Path real = base.toRealPath();
    Path path = real.resolve(DirectoryName.own() + UUID.randomUUID());
    if (base.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectory(path);
    }
    path.toFile().deleteOnExit();
    PrivateDirectory directory = new PrivateDirectory(path, lock(path));
    HELD.add(directory.lock);
    Sweep.siblings(real, path);
    return directory;
  }

  Path path() {
    return path;
  }

  /** Removes it where nothing was loaded from it. */
  void discard() throws IOException {
    HELD.remove(lock);
    lock.acquiredBy().close();
    deleteFiles(path);
    Files.deleteIfExists(path);
  }

  /** The lock file last: while it is there, the rest can be found again. */
  static void deleteFiles(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!file.endsWith(LOCK)) {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.deleteIfExists(directory.resolve(LOCK));
  }

  private static FileLock lock(Path directory) throws IOException {
    Path file = directory.resolve(LOCK);
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new IOException(file + " is locked by another process");
      }
      file.toFile().deleteOnExit();
      return lock;
    } catch (IOException e) {
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
      throw e;
    }
  }
}

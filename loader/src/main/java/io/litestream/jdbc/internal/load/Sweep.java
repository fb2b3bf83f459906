package io.litestream.jdbc.internal.load;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/**
 * Deletes the private directories that nobody holds: their JVM was killed, or a file of theirs
 * could not be deleted while it was loaded, as on Windows.
 *
 * <p>What this JVM has made is not even probed: closing the probe would release the lock.
 */
final class Sweep {

  /**
   * Between making a directory and locking it lie microseconds; the rest is for a machine that
   * stalls.
   */
  static final Duration MAKING = Duration.ofMinutes(10);

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  private Sweep() {}

  /**
   * Sweeps what lies in a directory. A failure is logged only: what cannot be swept is in nobody's
   * way.
   *
   * @param own one that this caller has made there, so that its owner is the user
   */
  static void siblings(Path base, Path own) {
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(base, DirectoryName.PREFIX + "*")) {
      for (Path sibling : siblings) {
        if (DirectoryName.parse(String.valueOf(sibling.getFileName()))
            .filter(name -> !name.mayBeOwn())
            .isPresent()) {
          sweep(sibling, own);
        }
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "cannot sweep " + base, e);
    }
  }

  private static void sweep(Path sibling, Path own) {
    try {
      Instant changed = Files.getLastModifiedTime(sibling, LinkOption.NOFOLLOW_LINKS).toInstant();
      if (!Files.isDirectory(sibling, LinkOption.NOFOLLOW_LINKS)
          || !Files.getOwner(sibling, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own))
          || changed.plus(MAKING).isAfter(Instant.now())) {
        return;
      }
      // Held while deleting, so that of several sweepers one does it; but Windows deletes no
      // directory while a file in it is open.
      try (FileChannel channel =
          FileChannel.open(
              sibling.resolve(PrivateDirectory.LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS)) {
        if (channel.tryLock() == null) {
          return;
        }
        PrivateDirectory.deleteFiles(sibling);
      }
      Files.deleteIfExists(sibling);
    } catch (OverlappingFileLockException e) {
      LOG.log(Level.DEBUG, () -> "another class loader sweeps " + sibling);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "cannot sweep " + sibling, e);
    }
  }
}

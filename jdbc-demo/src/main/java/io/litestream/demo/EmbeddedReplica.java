package io.litestream.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The replica that comes with the demo, unpacked into a temporary directory; closing removes it.
 * {@code make_replica.py} in the module says how real Litestream wrote it.
 */
final class EmbeddedReplica implements AutoCloseable {

  /** The query that shows best what happened in it. */
  static final String SQL = "SELECT name, price, stock, note FROM product ORDER BY id";

  private static final String RESOURCE = "coffee-bar.zip";

  /** Where an LTX header has the Unix milliseconds of the last transaction. */
  private static final int TIMESTAMP = 32;

  private final Path directory;

  private EmbeddedReplica(Path directory) {
    this.directory = directory;
  }

  static EmbeddedReplica unpack() throws IOException {
    EmbeddedReplica replica = new EmbeddedReplica(Files.createTempDirectory("litestream-demo-"));
    try (InputStream resource = EmbeddedReplica.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new NoSuchFileException(RESOURCE + " beside the demo's classes; build it anew");
      }
      ZipInputStream zip = new ZipInputStream(resource);
      for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
        if (!e.isDirectory()) {
          write(replica.directory.resolve(e.getName()), zip.readAllBytes());
        }
      }
      return replica;
    } catch (IOException e) {
      replica.close();
      throw e;
    }
  }

  /** A file with the modification time that Litestream gives it, which a zip has no room for. */
  private static void write(Path file, byte[] ltx) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, ltx);
    Files.setLastModifiedTime(file, FileTime.fromMillis(ByteBuffer.wrap(ltx).getLong(TIMESTAMP)));
  }

  String url() {
    return directory.toUri().toString();
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + directory, e);
    }
  }
}

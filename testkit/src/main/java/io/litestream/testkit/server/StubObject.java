package io.litestream.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An object of an {@link S3Stub}. It never changes. Thread-safe. */
public interface StubObject {

  long size();

  /** As listings show it. */
  Instant lastModified();

  /** What Litestream keeps as metadata: the time in the LTX header. */
  Instant timestamp();

  /** A part that lies within the object. */
  byte[] read(long offset, int length);

  /** Without quotes. */
  default String etag() {
    return HexFormat.of().toHexDigits(size() * 31 + lastModified().toEpochMilli());
  }

  /** The files below a directory, by their paths relative to it after the prefix. */
  static NavigableMap<String, StubObject> files(Path root, String prefix) {
    NavigableMap<String, StubObject> objects = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        StubObject object =
            new LtxFileObject(file, Files.size(file), Files.getLastModifiedTime(file).toInstant());
        objects.put(prefix + root.relativize(file), object);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return objects;
  }

  /** An LTX file. */
  record LtxFileObject(Path file, long size, Instant lastModified) implements StubObject {

    private static final int TIMESTAMP = 32;

    @Override
    public Instant timestamp() {
      return Instant.ofEpochMilli(ByteBuffer.wrap(read(TIMESTAMP, Long.BYTES)).getLong());
    }

    @Override
    public byte[] read(long offset, int length) {
      ByteBuffer part = ByteBuffer.allocate(length);
      try (FileChannel channel = FileChannel.open(file)) {
        while (part.hasRemaining() && channel.read(part, offset + part.position()) >= 0) {
          // Reads on.
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (part.hasRemaining()) {
        throw new IllegalStateException(file + " has changed");
      }
      return part.array();
    }
  }
}

package io.litestream.jdbc.internal.store.file;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.internal.store.FileUrl;
import io.litestream.jdbc.internal.store.Layout;
import io.litestream.jdbc.internal.store.LayoutChoice;
import io.litestream.jdbc.internal.store.file.OpenFiles.Handle;
import io.litestream.jdbc.internal.store.file.OpenFiles.Identity;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replica in a directory, in either layout.
 *
 * <p>A file is identified by its size and the file checksum in its last 8 bytes, not by its mtime:
 * Litestream sets that after the rename that makes the file visible. A listing does not open files,
 * so it has no tags.
 *
 * <p>Timeouts are not enforced: local reads cannot be cut short. On a network file system, its own
 * apply.
 *
 * <p>Interrupting a thread that reads closes the shared handle (so does every {@code FileChannel});
 * other readers open the file again.
 */
public final class FileStore implements ReplicaStore {

  /** Bytes of the file checksum at the end of an LTX file. */
  private static final int CHECKSUM_BYTES = 8;

  /** A handle closed by somebody else's interrupt is opened again, a few times at most. */
  private static final int OPEN_ATTEMPTS = 3;

  private final FileUrl url;
  private final LayoutChoice layout = new LayoutChoice(Layout.IN_DIRECTORY, this::hasFiles);
  private final OpenFiles files = new OpenFiles();

  public FileStore(FileUrl url) {
    this.url = url;
  }

  @Override
  public String describe() {
    return url.describe();
  }

  @Override
  public String describe(LtxName name) {
    return describe() + "/" + layout.current().directory(name.level()) + name.fileName();
  }

  @Override
  public boolean listsTags() {
    return false;
  }

  @Override
  public List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return layout.list(in -> list(in, level, after), new Deadline(describe(), timeout));
  }

  private List<LtxObject> list(Layout in, int level, @Nullable LtxName after)
      throws StoreException {
    Path root = url.directory();
    Path directory = root.resolve(in.directory(level));
    if (Files.exists(root) && !Files.isDirectory(root)) {
      throw new StoreException(Kind.UNUSABLE, describe() + " is not a directory", null);
    }
    List<LtxObject> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Optional<LtxName> name = LtxName.parse(level, entry.getFileName().toString());
        if (name.isPresent() && (after == null || name.get().compareTo(after) > 0)) {
          look(entry, name.get()).ifPresent(found::add);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw failed(directory.toString(), Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw failed(directory.toString(), e);
    }
    found.sort((a, b) -> a.name().compareTo(b.name()));
    return found;
  }

  /** An entry of a listing; empty when it vanished meanwhile or is no file. */
  private static Optional<LtxObject> look(Path entry, LtxName name) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(entry, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Optional.of(
              new LtxObject(
                  name, attributes.size(), null, attributes.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private boolean hasFiles(Layout candidate, Deadline deadline) throws StoreException {
    for (int level = 0; level < LtxName.LEVELS; level++) {
      if (!list(candidate, level, null).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    if (offset < 0 || length < 0) {
      throw new IllegalArgumentException("offset " + offset + ", length " + length);
    }
    layout.resolve(new Deadline(describe(), timeout));
    for (int attempt = 1; ; attempt++) {
      try (Handle handle = open(object)) {
        return read(handle, offset, length);
      } catch (ClosedByInterruptException e) {
        throw failed(describe(object.name()), e);
      } catch (ClosedChannelException e) {
        if (attempt == OPEN_ATTEMPTS) {
          throw failed(describe(object.name()), e);
        }
      } catch (IOException e) {
        throw failed(describe(object.name()), e);
      }
    }
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    return read(object, Math.max(0, object.size() - length), length, timeout);
  }

  @Override
  public @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException {
    layout.resolve(new Deadline(describe(), timeout));
    try (Handle handle = open(name)) {
      return read(handle, 0, length);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw failed(describe(name), e);
    }
  }

  @Override
  public void release(LtxObject object) {
    String tag = object.tag();
    if (tag != null) {
      files.drop(new Identity(object.name(), object.size(), tag));
    }
  }

  @Override
  public void close() {
    files.close();
  }

  /** The object as expected, from the open files or anew. */
  private Handle open(LtxObject object) throws IOException {
    String tag = object.tag();
    if (tag != null) {
      Handle known = files.find(new Identity(object.name(), object.size(), tag));
      if (known != null && known.channel().isOpen()) {
        return known;
      }
      if (known != null) {
        files.drop(known.identity());
        known.close();
      }
    }
    Handle handle = open(object.name());
    Identity found = handle.identity();
    if (found.size() == object.size() && (tag == null || tag.equals(found.tag()))) {
      return handle;
    }
    files.drop(found);
    handle.close();
    throw changed(
        object.name(),
        "expected "
            + object.size()
            + " bytes"
            + (tag == null ? "" : " with checksum " + tag)
            + ", found "
            + found.size()
            + " with checksum "
            + found.tag());
  }

  private Handle open(LtxName name) throws IOException {
    Path path =
        url.directory().resolve(layout.current().directory(name.level())).resolve(name.fileName());
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      long size = channel.size();
      return files.add(new Identity(name, size, tag(channel, name, size)), channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private Fetched read(Handle handle, long offset, int length) throws IOException {
    Identity identity = handle.identity();
    long size = identity.size();
    byte[] bytes = new byte[(int) Math.max(0, Math.min(length, size - offset))];
    fill(handle.channel(), identity.name(), bytes, offset);
    // Litestream replaces files by renaming. Whoever copies over one in place changes it under our
    // handle.
    long sizeNow = handle.channel().size();
    if (sizeNow != size || !tag(handle.channel(), identity.name(), size).equals(identity.tag())) {
      files.drop(identity);
      throw changed(identity.name(), "its " + size + " bytes were overwritten while it was read");
    }
    return new Fetched(new LtxObject(identity.name(), size, identity.tag(), null), offset, bytes);
  }

  private String tag(FileChannel channel, LtxName name, long size) throws IOException {
    byte[] checksum = new byte[(int) Math.min(CHECKSUM_BYTES, size)];
    fill(channel, name, checksum, size - checksum.length);
    return HexFormat.of().formatHex(checksum);
  }

  private void fill(FileChannel channel, LtxName name, byte[] bytes, long offset)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw changed(
            name,
            "it ends at byte "
                + (offset + buffer.position())
                + ", before its end when it was opened");
      }
    }
  }

  private StoreException changed(LtxName name, String how) {
    return new StoreException(Kind.CHANGED, describe(name) + " has changed: " + how, null);
  }

  private static StoreException failed(String what, IOException e) {
    return switch (e) {
      case StoreException known -> known;
      case NoSuchFileException gone ->
          new StoreException(Kind.NOT_FOUND, what + " does not exist", gone);
      case NotDirectoryException other ->
          new StoreException(Kind.UNUSABLE, what + " is not a directory", other);
      case AccessDeniedException denied ->
          new StoreException(
              Kind.DENIED,
              what + " may not be read by this process; check its permissions",
              denied);
      case ClosedByInterruptException interrupted ->
          new StoreException(
              Kind.TRANSIENT, what + ": the thread that read it was interrupted", interrupted);
      default -> new StoreException(Kind.TRANSIENT, what + " cannot be read: " + e.getMessage(), e);
    };
  }
}

package io.litestream.jdbc.internal.store.file;

import io.litestream.jdbc.store.LtxName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The most recently used files, kept open so that a view can go on reading one that retention has
 * deleted.
 *
 * <p>Bounded: beyond {@link #LIMIT} the least recently used is closed, and a reader that comes back
 * for it either finds the file or has to plan anew. A file in use is closed when its last user is
 * done. Thread-safe.
 */
final class OpenFiles implements AutoCloseable {

  /** An eighth of the usual limit of 1024 descriptors a process. */
  static final int LIMIT = 128;

  /** What makes two files the same bytes. */
  record Identity(LtxName name, long size, String tag) {}

  /** An open file in use, until it is closed. */
  final class Handle implements AutoCloseable {
    private final Identity identity;
    private final FileChannel channel;
    private int users; // guarded by OpenFiles.this
    private boolean retired; // guarded by OpenFiles.this

    private Handle(Identity identity, FileChannel channel) {
      this.identity = identity;
      this.channel = channel;
    }

    Identity identity() {
      return identity;
    }

    FileChannel channel() {
      return channel;
    }

    @Override
    public void close() {
      synchronized (OpenFiles.this) {
        users--;
        closeIfDone(this);
      }
    }
  }

  private final Map<Identity, Handle> handles = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /** The open file of that identity, or null. */
  synchronized @Nullable Handle find(Identity identity) {
    Handle handle = handles.get(identity);
    if (handle != null) {
      handle.users++;
    }
    return handle;
  }

  /** Takes over a channel that was just opened. */
  synchronized Handle add(Identity identity, FileChannel channel) {
    Handle handle = new Handle(identity, channel);
    handle.users = 1;
    if (closed) {
      handle.retired = true;
      return handle;
    }
    retire(handles.put(identity, handle));
    if (handles.size() > LIMIT) {
      drop(handles.keySet().iterator().next());
    }
    return handle;
  }

  /** Forgets a file, and closes it once nobody reads it. */
  synchronized void drop(Identity identity) {
    retire(handles.remove(identity));
  }

  /** The number of files held open for later, for tests. */
  synchronized int size() {
    return handles.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    List<Handle> all = new ArrayList<>(handles.values());
    handles.clear();
    all.forEach(this::retire);
  }

  private void retire(@Nullable Handle handle) {
    if (handle != null) {
      handle.retired = true;
      closeIfDone(handle);
    }
  }

  private static void closeIfDone(Handle handle) {
    if (handle.retired && handle.users == 0) {
      try {
        handle.channel.close();
      } catch (IOException e) {
        // It was only read: there is nothing to lose and nobody to tell.
      }
    }
  }
}

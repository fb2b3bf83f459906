package io.litestream.testkit.model;

import io.litestream.testkit.ltx.LtxKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compactions and snapshots between their two moments: when they look at what there is, and when
 * their file appears.
 */
final class Compactions {

  private final ModelStore store;
  private final Consumer<FileContent> upload;
  private final List<@Nullable FileContent> running;
  private @Nullable FileContent snapshot;

  Compactions(int levels, ModelStore store, Consumer<FileContent> upload) {
    this.store = store;
    this.upload = upload;
    this.running = new ArrayList<>();
    for (int level = 0; level <= levels; level++) {
      running.add(null);
    }
  }

  /**
   * Takes all files of the level below that lie beyond this level's reach; false when they make no
   * file.
   */
  boolean start(int level) {
    if (running.get(level) != null) {
      return false;
    }
    long reach = store.reach(level);
    List<FileContent> inputs = new ArrayList<>();
    for (StoredObject o : store.level(level - 1)) {
      if (o.key().minTxid() > reach) {
        inputs.add(o.content());
      }
    }
    if (inputs.isEmpty() || !contiguous(inputs)) {
      return false;
    }
    // Raw files are only deleted once level 1 has them, so a hole below its first input is an
    // upload still to come.
    if (level == 1 && inputs.getFirst().key().minTxid() != reach + 1) {
      return false;
    }
    running.set(level, FileContent.merge(level, inputs));
    return true;
  }

  /** Writes the file of a compaction that was started; false when none was. */
  boolean write(int level) {
    FileContent content = running.get(level);
    if (content == null) {
      return false;
    }
    running.set(level, null);
    upload.accept(content);
    return true;
  }

  /** Takes the position of a snapshot; false when one is on its way, or the position has one. */
  boolean startSnapshot(State state, long nowMs, Wal wal) {
    LtxKey key = new LtxKey(LtxKey.SNAPSHOTS, 1, state.txid());
    if (snapshot != null || store.get(key) != null) {
      return false;
    }
    snapshot = snapshotOf(key, state, nowMs, wal);
    return true;
  }

  /**
   * Writes the snapshot that was started; false when none was.
   *
   * @param newest when not null, the state that it holds under the name of the position that was
   *     taken
   */
  boolean writeSnapshot(@Nullable State newest, Wal wal) {
    FileContent content = snapshot;
    if (content == null) {
      return false;
    }
    snapshot = null;
    upload.accept(
        newest == null ? content : snapshotOf(content.key(), newest, content.timestampMs(), wal));
    return true;
  }

  /** Forgets everything that was started. */
  void cancel() {
    running.replaceAll(content -> null);
    snapshot = null;
  }

  private static FileContent snapshotOf(LtxKey key, State state, long ms, Wal wal) {
    long pages = FileContent.allPages(state.commit());
    return new FileContent(key, pages, state, ms, wal.lastFrame(state.pageSize()));
  }

  private static boolean contiguous(List<FileContent> inputs) {
    for (int i = 1; i < inputs.size(); i++) {
      LtxKey previous = inputs.get(i - 1).key();
      LtxKey next = inputs.get(i).key();
      if (next.minTxid() > previous.maxTxid() + 1 || next.maxTxid() <= previous.maxTxid()) {
        return false;
      }
    }
    return true;
  }
}

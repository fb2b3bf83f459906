package io.litestream.jdbc.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the LTX files of one replica are. Read-only.
 *
 * <p>Implementations are thread-safe and blocking; every call returns or throws within its {@code
 * timeout}. They do one attempt per call: retries are the caller's. They know where each level's
 * files lie (both layouts of Litestream, see {@link #list}), and never show credentials in {@link
 * #describe} or in an exception.
 */
public interface ReplicaStore extends AutoCloseable {

  /**
   * The place, for messages: {@code s3://bucket/path}, {@code file:///backups/app}. Without
   * secrets.
   */
  String describe();

  /** One object's place, for messages. Without secrets. */
  String describe(LtxName name);

  /**
   * The files of a level, ascending by name, whose names sort after {@code after}. Anything whose
   * name is not an LTX file's is left out. An absent level or an absent place is an empty list.
   *
   * @param level 0 to 9
   * @param after where to start (exclusive), of the same level; null for all
   */
  List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout) throws StoreException;

  /**
   * The first files of {@link #list}: as many as one request brings. The others come after the last
   * one's name.
   */
  default ListPage listPage(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    return new ListPage(list(level, after, timeout), true);
  }

  /**
   * The files of {@code level} after {@code after}, and all files of the levels above it; each
   * level as {@link #list} gives it, {@code level} first. A store that can ask for all of them in
   * one request does.
   *
   * @param level 0 to 9
   */
  default List<List<LtxObject>> listFrom(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    List<List<LtxObject>> levels = new ArrayList<>();
    for (int l = level; l < LtxName.LEVELS; l++) {
      levels.add(list(l, l == level ? after : null, timeout));
    }
    return levels;
  }

  /**
   * Bytes of an object from {@code offset} on, at most {@code length} (0 is allowed). The result's
   * object has the exact size and a tag.
   *
   * @param object what is expected; when its tag is not null, other bytes under that name are
   *     {@link StoreException.Kind#CHANGED}; so is another size
   * @throws StoreException NOT_FOUND, CHANGED, ...
   */
  Fetched read(LtxObject object, long offset, int length, Duration timeout) throws StoreException;

  /**
   * The first bytes of a file of which nothing but the name is known, at most {@code length}.
   *
   * @return null when there is no such file
   */
  @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException;

  /** The last bytes of an object, at most {@code length}; otherwise as {@link #read}. */
  Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException;

  /**
   * Whether {@link #list} gives tags, so that reads are pinned to the bytes that were listed. Where
   * it does not, a reader confirms afterwards that what it read belongs together.
   */
  boolean listsTags();

  /**
   * Says that no view uses the object any more, so that an open handle can be closed. Never throws.
   */
  default void release(LtxObject object) {}

  @Override
  void close();
}

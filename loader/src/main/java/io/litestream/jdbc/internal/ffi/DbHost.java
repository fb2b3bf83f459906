package io.litestream.jdbc.internal.ffi;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What the C core asks of the control plane about one db. Called on the threads that use the
 * connections, several at a time; C holds no lock meanwhile, so an implementation may call down.
 */
public interface DbHost {

  /**
   * Reads an object's bytes: all of {@code range} into {@code target}; or, where another request is
   * under way that brings the part of it that is needed, that part alone; or nothing, where {@link
   * Reader#arrived} has said that nothing is needed any more.
   *
   * @param target as large as the range; usable on this thread and during this call only: another
   *     thread's access throws
   * @throws HostException {@link SqliteCode#NOTFOUND} when the object is gone or is no longer the
   *     same bytes
   */
  void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) throws HostException;

  /**
   * Reads two ranges of an object in one round trip: a piece of its page index, and a part where a
   * page is likely to be.
   *
   * @param frames what is read behind the piece; of length 0 for nothing
   * @param target as large as both; usable on this thread and during this call only
   * @throws HostException as {@link #fetch}
   */
  void locate(Reader reader, long fileId, Range index, Range frames, ByteBuffer target)
      throws HostException;

  /** The range that {@link #fetch} gave was checked, and its good pages are in the cache. */
  void taken(long fileId, long offset, int length);

  /**
   * A scan will soon need a range of an object. Brings it in the background and {@link
   * NativeFile#offer offers} it. Returns at once.
   *
   * @param ordinal of the frame that the range begins with, or {@link NativeFile#PAGE_INDEX}
   * @param file becomes the host's if it takes the task
   * @return whether it does
   */
  boolean ahead(NativeFile file, long fileId, int ordinal, long offset, int length);

  /**
   * Builds the state of {@code pinned}, under which an object is gone, from what there is now.
   *
   * @param pinned borrowed, valid during this call
   * @return a view of the same state ({@link NativeView#sameAs}); its ownership passes to C
   */
  NativeView replan(Reader reader, NativeView pinned) throws HostException;

  /**
   * A reader is about to pin the present, and the replica is paused or the reader has a limit:
   * looks once for news, in bounded time, where the last look is too old, and publishes what it
   * finds.
   *
   * @param maxStale zero: none, and a failure only leaves the known view
   * @throws HostException {@link SqliteCode#BUSY} when the last successful look is then still older
   *     than {@code maxStale}
   */
  void refresh(Reader reader, Duration maxStale) throws HostException;

  /** Finds the state that the text names. */
  Travel travel(Reader reader, TravelBy by, String text) throws HostException;

  /**
   * The states that can be travelled to, newest first.
   *
   * @param beforeTxid only those below this TXID (unsigned); 0: from the newest
   * @param max at most so many rows; none says that there are no more
   * @param pages whether {@link HistoryRow#pages} is needed
   * @param rows takes one row after the other, on this thread and during this call only
   */
  void history(Reader reader, long beforeTxid, int max, boolean pages, Consumer<HistoryRow> rows)
      throws HostException;

  /**
   * Whole seconds from the commit time of the newest state known until now, at least 0; -1 before
   * the first.
   */
  long lag();

  /** Milliseconds since the last successful look at the store, -1 before the first. */
  long lookAge();

  /** What was counted for this db, as a JSON object of at most 4,000 bytes. */
  String stats();

  /** One connection is closed. */
  void closed();
}

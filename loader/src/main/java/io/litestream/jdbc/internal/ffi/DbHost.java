package io.litestream.jdbc.internal.ffi;

import java.nio.ByteBuffer;

/**
 * What the C core asks of the control plane about one db. Called on the threads that use the
 * connections, several at a time; C holds no lock meanwhile, so an implementation may call down.
 */
public interface DbHost {

  /**
   * Reads an object's bytes from {@code offset} on until {@code target} is full.
   *
   * @param target usable on this thread and during this call only: another thread's access throws
   * @throws HostException {@link SqliteCode#NOTFOUND} when the object is gone or is no longer the
   *     same bytes
   */
  void fetch(Reader reader, long fileId, long offset, ByteBuffer target) throws HostException;

  /**
   * Builds the state of {@code pinned}, under which an object is gone, from what there is now.
   *
   * @param pinned borrowed, valid during this call
   * @return a view of the same state ({@link NativeView#sameAs}); its ownership passes to C
   */
  NativeView replan(Reader reader, NativeView pinned) throws HostException;

  /** Looks once for news, in bounded time, and publishes it; on failure the known view stays. */
  void refresh(Reader reader);

  /** Resolves a time expression. */
  Travel travel(Reader reader, String text) throws HostException;

  /** Whole seconds since the last successful look at the store, -1 before the first. */
  long lag();

  /** One connection is closed. */
  void closed();
}

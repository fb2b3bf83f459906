package io.litestream.jdbc.internal.ffi;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One reference to something that C counts. Closing twice is harmless, use after closing throws;
 * whoever closes sees to it that no other call on this handle is under way. Nothing closes a handle
 * that is forgotten.
 */
abstract class Handle implements AutoCloseable {

  private final MemorySegment pointer;
  private final AtomicBoolean closed = new AtomicBoolean();

  Handle(MemorySegment pointer) {
    this.pointer = pointer;
  }

  /** The open handle's pointer. */
  final MemorySegment pointer() {
    if (closed.get()) {
      throw new IllegalStateException(getClass().getSimpleName() + " is closed");
    }
    return pointer;
  }

  /** Ends this handle without giving its reference back: it has a new owner. */
  final MemorySegment handOver() {
    if (!closed.compareAndSet(false, true)) {
      throw new IllegalStateException(getClass().getSimpleName() + " is closed");
    }
    return pointer;
  }

  @Override
  public final void close() {
    if (closed.compareAndSet(false, true)) {
      release(pointer);
    }
  }

  /** Gives the reference back. Called once. */
  abstract void release(MemorySegment pointer);
}

package io.litestream.jdbc.internal.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** A reader during one host call. */
final class WaitingReader implements Reader, AutoCloseable {

  private @Nullable MemorySegment reader;

  WaitingReader(MemorySegment reader) {
    this.reader = reader;
  }

  @Override
  public boolean interrupted() {
    return ask(NativeCore.Calls.READER_INTERRUPTED);
  }

  @Override
  public boolean arrived() {
    return ask(NativeCore.Calls.READER_ARRIVED);
  }

  private boolean ask(MethodHandle question) {
    MemorySegment r = reader;
    if (r == null) {
      throw new IllegalStateException("the host call that this reader came with is over");
    }
    try {
      return (int) question.invokeExact(r) != 0;
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  @Override
  public void close() {
    reader = null;
  }
}

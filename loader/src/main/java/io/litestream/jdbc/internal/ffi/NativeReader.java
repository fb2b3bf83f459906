package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An open database file without SQLite above it. Belongs to one thread at a time; closed before its
 * db. The calls that answer with an {@code int} give a {@link SqliteCode}, and {@link #error} the
 * text to it.
 */
public final class NativeReader extends Handle {

  private final NativeDb db;
  private final MemorySegment info = Arena.ofAuto().allocate(Layouts.VIEW_INFO);
  private MemorySegment buffer = MemorySegment.NULL;
  private boolean pinned;

  NativeReader(NativeDb db, MemorySegment pointer) {
    super(pointer);
    this.db = db;
  }

  /** Takes the latest published view, or the target of {@link #travel}. */
  public int pin() {
    MemorySegment reader = pointer();
    try {
      int code = (int) NativeCore.Calls.READER_PIN.invokeExact(reader);
      pinned |= code == SqliteCode.OK;
      return code;
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  public void unpin() {
    MemorySegment reader = pointer();
    pinned = false;
    try {
      NativeCore.Calls.READER_UNPIN.invokeExact(reader);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /**
   * Reads {@code length} bytes at {@code offset} of the database into the start of {@code into}.
   *
   * @return {@link SqliteCode#IOERR_SHORT_READ} past the end, the rest zeroed
   */
  public int read(byte[] into, long offset, int length) {
    Objects.checkFromIndexSize(0, length, into.length);
    MemorySegment reader = pointer();
    if (buffer.byteSize() < length) {
      buffer = Arena.ofAuto().allocate(length);
    }
    try {
      int code = (int) NativeCore.Calls.READER_READ.invokeExact(reader, buffer, length, offset);
      if (code == SqliteCode.OK || code == SqliteCode.IOERR_SHORT_READ) {
        MemorySegment.copy(buffer, JAVA_BYTE, 0, into, 0, length);
      }
      return code;
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /** The pinned view, else the latest one, for the caller to close; null when there is none. */
  public @Nullable NativeView view() {
    if (!pinned) {
      return db.latest();
    }
    try (NativeView view = NativeView.borrowed(current())) {
      return view.share();
    }
  }

  /** What {@link #view} would say about itself, without a reference to it. */
  public @Nullable ViewInfo info() {
    if (!pinned) {
      try (NativeView latest = db.latest()) {
        return latest == null ? null : latest.info();
      }
    }
    MemorySegment view = current();
    try {
      NativeCore.Calls.VIEW_GET_INFO.invokeExact(view, info);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
    return Layouts.viewInfo(info);
  }

  /** The text of the last error, "" when there was none. */
  public String error() {
    MemorySegment reader = pointer();
    try {
      return NativeCore.text((MemorySegment) NativeCore.Calls.READER_ERROR.invokeExact(reader));
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  /**
   * Makes {@code target} (borrowed) the view of the next pin; null goes back to the latest. Refused
   * while pinned.
   */
  public int travel(@Nullable NativeView target, Instant at) {
    MemorySegment reader = pointer();
    MemorySegment view = target == null ? MemorySegment.NULL : target.pointer();
    long millis = at.toEpochMilli();
    try {
      return (int) NativeCore.Calls.READER_TRAVEL.invokeExact(reader, view, millis);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  private MemorySegment current() {
    MemorySegment reader = pointer();
    try {
      return (MemorySegment) NativeCore.Calls.READER_VIEW.invokeExact(reader);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }

  @Override
  void release(MemorySegment pointer) {
    try {
      NativeCore.Calls.READER_CLOSE.invokeExact(pointer);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
  }
}

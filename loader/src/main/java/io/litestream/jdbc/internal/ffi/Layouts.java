package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.time.Instant;
import java.util.List;

/**
 * The structs of {@code litestream.h}. None has padding between its fields, so they are read and
 * written field by field in declaration order; {@link NativeCore#bind} compares every offset with
 * the compiled one.
 */
final class Layouts {

  static final StructLayout HOST =
      MemoryLayout.structLayout(
          JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  static final StructLayout FILE_SPEC =
      MemoryLayout.structLayout(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS);

  static final StructLayout FILE_INFO =
      MemoryLayout.structLayout(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  static final StructLayout VIEW_INFO =
      MemoryLayout.structLayout(
          JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  static final StructLayout STATS =
      MemoryLayout.structLayout(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  static final StructLayout OPENED =
      MemoryLayout.structLayout(ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);

  static final StructLayout HISTORY_ROW =
      MemoryLayout.structLayout(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);

  /** In the numbering of {@code ls_layout}. */
  static final List<StructLayout> ALL =
      List.of(HOST, FILE_SPEC, FILE_INFO, VIEW_INFO, STATS, OPENED, HISTORY_ROW);

  private Layouts() {}

  /** The compiled size of a struct (field -1) or offset of a field. */
  interface Compiled {
    int layout(int what, int field);
  }

  /** Compares all layouts with the compiled ones. */
  static void check(Compiled compiled) throws NativeException {
    for (int what = 0; what < ALL.size(); what++) {
      StructLayout layout = ALL.get(what);
      int fields = layout.memberLayouts().size();
      expect(what, -1, layout.byteSize(), compiled.layout(what, -1));
      for (int field = 0; field < fields; field++) {
        long offset = layout.byteOffset(MemoryLayout.PathElement.groupElement(field));
        expect(what, field, offset, compiled.layout(what, field));
      }
      expect(what, fields, -1, compiled.layout(what, fields));
    }
  }

  private static void expect(int what, int field, long java, int c) throws NativeException {
    if (java != c) {
      throw new NativeException(
          SqliteCode.MISUSE,
          "the native library does not belong to this version of litestream-jdbc: struct "
              + what
              + " field "
              + field
              + " is at "
              + c
              + ", expected "
              + java
              + "; use the library that is bundled in the same jar version");
    }
  }

  static void write(FileSpec spec, MemorySegment name, MemorySegment struct) {
    struct.set(JAVA_LONG, 0, spec.fileId());
    struct.set(JAVA_LONG, 8, spec.size());
    struct.set(JAVA_LONG, 16, spec.name().minTxid());
    struct.set(JAVA_LONG, 24, spec.name().maxTxid());
    struct.set(JAVA_INT, 32, spec.name().level());
    struct.set(JAVA_INT, 36, 0);
    struct.set(ADDRESS, 40, name);
  }

  static void write(HistoryRow row, MemorySegment struct) {
    struct.set(JAVA_LONG, 0, row.txid());
    struct.set(JAVA_LONG, 8, row.time().toEpochMilli());
    struct.set(JAVA_LONG, 16, row.pages());
    struct.set(JAVA_LONG, 24, row.bytes());
    struct.set(JAVA_INT, 32, row.level());
    struct.set(JAVA_INT, 36, 0);
  }

  static FileInfo fileInfo(MemorySegment struct) {
    Fields f = new Fields(struct);
    return new FileInfo(
        f.u64(), f.u64(), f.u64(), f.ms(), f.u64(), f.u64(), f.u64(), f.i32(), f.i32(), f.i32(),
        f.u32(), f.u32(), f.u32(), f.i32(), f.i32());
  }

  static ViewInfo viewInfo(MemorySegment struct) {
    Fields f = new Fields(struct);
    return new ViewInfo(f.u64(), f.ms(), f.i32(), f.u32(), f.u32(), f.u32(), f.i32(), f.u32());
  }

  static NativeStats stats(MemorySegment struct) {
    Fields f = new Fields(struct);
    return new NativeStats(
        f.u64(), f.u64(), f.u64(), f.u64(), f.u64(), f.u64(), f.u64(), f.u64(), f.u64(), f.u64(),
        f.u64(), f.u64());
  }

  /** Reads a struct's fields one after the other. */
  private static final class Fields {
    private final MemorySegment struct;
    private long offset;

    Fields(MemorySegment struct) {
      this.struct = struct;
    }

    long u64() {
      long value = struct.get(JAVA_LONG, offset);
      offset += Long.BYTES;
      return value;
    }

    Instant ms() {
      return Instant.ofEpochMilli(u64());
    }

    int i32() {
      int value = struct.get(JAVA_INT, offset);
      offset += Integer.BYTES;
      return value;
    }

    long u32() {
      return Integer.toUnsignedLong(i32());
    }
  }
}

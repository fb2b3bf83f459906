package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** The struct {@code ls_host}: a function pointer for each upcall of {@link HostUpcalls}. */
final class HostTable {

  /** By method name, in the order of the struct. */
  static final SequencedMap<String, FunctionDescriptor> FUNCTIONS = functions();

  private static final long FIRST = 8;

  private HostTable() {}

  private static SequencedMap<String, FunctionDescriptor> functions() {
    SequencedMap<String, FunctionDescriptor> all = new LinkedHashMap<>();
    all.put("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    all.put("closed", FunctionDescriptor.ofVoid(JAVA_LONG));
    all.put(
        "fetch",
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
            ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    all.put(
        "locate",
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT,
            ADDRESS, ADDRESS, JAVA_INT));
    all.put("taken", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
    all.put(
        "ahead",
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    all.put(
        "replan",
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    all.put(
        "refresh",
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_INT));
    all.put(
        "travel",
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    all.put(
        "history",
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS,
            JAVA_INT));
    all.put("lag", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    all.put("lookAge", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    all.put("stats", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, JAVA_INT));
    all.put("log", FunctionDescriptor.ofVoid(ADDRESS));
    return all;
  }

  /** The struct, living as long as the JVM. */
  static MemorySegment make() {
    MemorySegment table = Arena.global().allocate(Layouts.HOST);
    table.set(JAVA_INT, 0, (int) Layouts.HOST.byteSize());
    table.set(JAVA_INT, Integer.BYTES, NativeCore.ABI_VERSION);
    long offset = FIRST;
    for (Map.Entry<String, FunctionDescriptor> function : FUNCTIONS.entrySet()) {
      table.set(ADDRESS, offset, stub(function.getKey(), function.getValue()));
      offset += ADDRESS.byteSize();
    }
    return table;
  }

  private static MemorySegment stub(String method, FunctionDescriptor descriptor) {
    try {
      return NativeCore.upcall(
          MethodHandles.lookup().findStatic(HostUpcalls.class, method, descriptor.toMethodType()),
          descriptor);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(method + " does not have the type of its descriptor", e);
    }
  }
}

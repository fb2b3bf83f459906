package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The C core's functions ({@code litestream.h}), and everything about FFM that the JVM restricts.
 *
 * <p>{@link #bind} comes first. Everything else needs the same file to have been loaded as an
 * extension by SQLite, through which the core allocates and locks. Thread-safe. Sizes and offsets
 * are bytes.
 */
@SuppressWarnings("restricted")
public final class NativeCore {

  /** {@code LS_ABI_VERSION}. */
  static final int ABI_VERSION = 6;

  /** Room for an error text: a long object key and a sentence. */
  private static final int ERROR_BYTES = 2048;

  /** What an LTX header takes; the core refuses fewer. */
  private static final int HEADER_BYTES = 100;

  /** Code, or nothing, from pointers and numbers. Each function of the header is here once. */
  static final Map<String, FunctionDescriptor> FUNCTIONS =
      Map.ofEntries(
          Map.entry("ls_host_set", code(ADDRESS)),
          Map.entry("ls_history_add", code(ADDRESS, ADDRESS)),
          Map.entry("ls_version", FunctionDescriptor.of(ADDRESS)),
          Map.entry("ls_layout", code(JAVA_INT, JAVA_INT)),
          Map.entry("ls_header_decode", code(ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT)),
          Map.entry("ls_file_load", code(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
          Map.entry(
              "ls_file_open",
              code(
                  ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS,
                  JAVA_INT)),
          Map.entry("ls_file_offer", code(ADDRESS, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_INT)),
          Map.entry(
              "ls_file_gap", code(ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS)),
          Map.entry("ls_file_get_info", nothing(ADDRESS, ADDRESS)),
          Map.entry("ls_file_unref", nothing(ADDRESS)),
          Map.entry("ls_view_build", code(ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT)),
          Map.entry("ls_view_apply", code(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
          Map.entry("ls_view_same", code(ADDRESS, ADDRESS)),
          Map.entry(
              "ls_view_gap",
              code(
                  ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS,
                  ADDRESS)),
          Map.entry("ls_view_get_info", nothing(ADDRESS, ADDRESS)),
          Map.entry("ls_view_files", code(ADDRESS, ADDRESS, JAVA_INT)),
          Map.entry("ls_view_ref", nothing(ADDRESS)),
          Map.entry("ls_view_unref", nothing(ADDRESS)),
          Map.entry("ls_db_open", code(JAVA_LONG, ADDRESS, ADDRESS)),
          Map.entry("ls_db_ref", nothing(ADDRESS)),
          Map.entry("ls_db_close", nothing(ADDRESS)),
          Map.entry("ls_db_publish", code(ADDRESS, ADDRESS)),
          Map.entry("ls_db_latest", FunctionDescriptor.of(ADDRESS, ADDRESS)),
          Map.entry("ls_db_notice", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)),
          Map.entry("ls_db_pause", nothing(ADDRESS, JAVA_INT)),
          Map.entry("ls_db_active", code(ADDRESS)),
          Map.entry("ls_db_reap", code(ADDRESS, ADDRESS, JAVA_INT)),
          Map.entry("ls_reader_open", code(ADDRESS, ADDRESS)),
          Map.entry("ls_reader_pin", code(ADDRESS)),
          Map.entry("ls_reader_unpin", nothing(ADDRESS)),
          Map.entry("ls_reader_read", code(ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG)),
          Map.entry("ls_reader_view", FunctionDescriptor.of(ADDRESS, ADDRESS)),
          Map.entry("ls_reader_error", FunctionDescriptor.of(ADDRESS, ADDRESS)),
          Map.entry("ls_reader_travel", code(ADDRESS, ADDRESS, JAVA_LONG)),
          Map.entry("ls_reader_interrupted", code(ADDRESS)),
          Map.entry("ls_reader_arrived", code(ADDRESS)),
          Map.entry("ls_reader_close", nothing(ADDRESS)),
          Map.entry("ls_cache_limit", nothing(JAVA_LONG)),
          Map.entry("ls_stats_get", nothing(ADDRESS)));

  private static @Nullable Path boundTo;
  private static @Nullable SymbolLookup symbols;

  /**
   * Bound to one library for good when first used, which is after {@link #bind} has accepted it.
   */
  static final class Calls {
    static final MethodHandle HISTORY_ADD = handle("ls_history_add");
    static final MethodHandle HEADER_DECODE = handle("ls_header_decode");
    static final MethodHandle FILE_LOAD = handle("ls_file_load");
    static final MethodHandle FILE_OPEN = handle("ls_file_open");
    static final MethodHandle FILE_OFFER = handle("ls_file_offer");
    static final MethodHandle FILE_GAP = handle("ls_file_gap");
    static final MethodHandle FILE_GET_INFO = handle("ls_file_get_info");
    static final MethodHandle FILE_UNREF = handle("ls_file_unref");
    static final MethodHandle VIEW_BUILD = handle("ls_view_build");
    static final MethodHandle VIEW_APPLY = handle("ls_view_apply");
    static final MethodHandle VIEW_SAME = handle("ls_view_same");
    static final MethodHandle VIEW_GAP = handle("ls_view_gap");
    static final MethodHandle VIEW_GET_INFO = handle("ls_view_get_info");
    static final MethodHandle VIEW_FILES = handle("ls_view_files");
    static final MethodHandle VIEW_REF = handle("ls_view_ref");
    static final MethodHandle VIEW_UNREF = handle("ls_view_unref");
    static final MethodHandle DB_OPEN = handle("ls_db_open");
    static final MethodHandle DB_REF = handle("ls_db_ref");
    static final MethodHandle DB_CLOSE = handle("ls_db_close");
    static final MethodHandle DB_PUBLISH = handle("ls_db_publish");
    static final MethodHandle DB_LATEST = handle("ls_db_latest");
    static final MethodHandle DB_NOTICE = handle("ls_db_notice");
    static final MethodHandle DB_PAUSE = handle("ls_db_pause");
    static final MethodHandle DB_ACTIVE = handle("ls_db_active");
    static final MethodHandle DB_REAP = handle("ls_db_reap");
    static final MethodHandle READER_OPEN = handle("ls_reader_open");
    static final MethodHandle READER_PIN = handle("ls_reader_pin");
    static final MethodHandle READER_UNPIN = handle("ls_reader_unpin");
    static final MethodHandle READER_READ = handle("ls_reader_read");
    static final MethodHandle READER_VIEW = handle("ls_reader_view");
    static final MethodHandle READER_ERROR = handle("ls_reader_error");
    static final MethodHandle READER_TRAVEL = handle("ls_reader_travel");
    static final MethodHandle READER_INTERRUPTED = handle("ls_reader_interrupted");
    static final MethodHandle READER_ARRIVED = handle("ls_reader_arrived");
    static final MethodHandle READER_CLOSE = handle("ls_reader_close");
    static final MethodHandle CACHE_LIMIT = handle("ls_cache_limit");
    static final MethodHandle STATS_GET = handle("ls_stats_get");

    private Calls() {}
  }

  private NativeCore() {}

  /**
   * Binds to the library for the life of this class; the same path again is nothing.
   *
   * @throws NativeException when the file is not this version's library, or another one is bound
   *     already
   * @throws IllegalCallerException when this module has no native access
   */
  public static synchronized void bind(Path library) throws NativeException {
    if (boundTo != null) {
      if (!boundTo.equals(library)) {
        throw misuse("the native library is bound to " + boundTo + ", not to " + library);
      }
      return;
    }
    SymbolLookup lookup;
    try {
      lookup = SymbolLookup.libraryLookup(library, Arena.global());
    } catch (IllegalArgumentException e) {
      throw misuse(
          "the JVM cannot open the native library "
              + library
              + " ("
              + e.getMessage()
              + "): it is damaged, for another system or processor, or may not be executed there;"
              + " set -Dlitestream.native.path to a file that can be opened, or"
              + " -Dlitestream.native.dir to another directory for the bundled one");
    }
    for (String function : FUNCTIONS.keySet()) {
      if (lookup.find(function).isEmpty()) {
        throw misuse(
            library
                + " is no native library of this version of litestream-jdbc: it has no "
                + function
                + "; correct -Dlitestream.native.path, or remove it to load the bundled one");
      }
    }
    symbols = lookup;
    checkVersion(library);
    MethodHandle layout = handle("ls_layout");
    MethodHandle hostSet = handle("ls_host_set");
    Layouts.check(
        (what, field) -> {
          try {
            return (int) layout.invokeExact(what, field);
          } catch (Throwable t) {
            throw impossible(t);
          }
        });
    int code;
    try {
      code = (int) hostSet.invokeExact(HostTable.make());
    } catch (Throwable t) {
      throw impossible(t);
    }
    if (code != SqliteCode.OK) {
      throw misuse(library + " already serves another class loader: each needs a copy of its own");
    }
    boundTo = library;
  }

  private static void checkVersion(Path library) throws NativeException {
    String found;
    try {
      found = text((MemorySegment) handle("ls_version").invokeExact());
    } catch (Throwable t) {
      throw impossible(t);
    }
    if (!found.equals(Version.OF_JAR)) {
      throw misuse(
          library
              + " is the native library of litestream-jdbc "
              + found
              + ", but the jar is "
              + Version.OF_JAR
              + "; correct -Dlitestream.native.path, or remove it to load the bundled one");
    }
  }

  /**
   * Decodes and checks the first 100 bytes of an LTX file.
   *
   * @param describe the object, for the error text
   */
  public static FileInfo decodeHeader(byte[] first100, String describe) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      int length = Math.min(first100.length, HEADER_BYTES);
      MemorySegment bytes = arena.allocate(Math.max(length, 1));
      MemorySegment.copy(MemorySegment.ofArray(first100), 0, bytes, 0, length);
      MemorySegment info = arena.allocate(Layouts.FILE_INFO);
      MemorySegment err = arena.allocate(ERROR_BYTES);
      int code =
          (int) Calls.HEADER_DECODE.invokeExact(bytes, (long) length, info, err, ERROR_BYTES);
      if (code != SqliteCode.OK) {
        throw new NativeException(code, describe + ": " + text(err, ERROR_BYTES));
      }
      return Layouts.fileInfo(info);
    } catch (NativeException e) {
      throw e;
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  /**
   * Sets the byte budget of the page cache that all replicas of the process share. Shrinks at once.
   */
  public static void cacheLimit(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("cache limit " + bytes + " is negative");
    }
    try {
      Calls.CACHE_LIMIT.invokeExact(bytes);
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  public static NativeStats stats() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stats = arena.allocate(Layouts.STATS);
      Calls.STATS_GET.invokeExact(stats);
      return Layouts.stats(stats);
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  /** A call that answers with a code, an out pointer and an error text. */
  interface Producer {
    int call(MemorySegment out, MemorySegment err, int errCap) throws Throwable;
  }

  /** Runs a producer; its out pointer, or its error as an exception. */
  static MemorySegment produce(Arena arena, Producer producer) throws NativeException {
    MemorySegment out = arena.allocate(ADDRESS);
    MemorySegment err = arena.allocate(ERROR_BYTES);
    int code;
    try {
      code = producer.call(out, err, ERROR_BYTES);
    } catch (Throwable t) {
      throw impossible(t);
    }
    if (code != SqliteCode.OK) {
      String text = text(err, ERROR_BYTES);
      throw new NativeException(code, text.isEmpty() ? "SQLite code " + code : text);
    }
    return out.get(ADDRESS, 0);
  }

  /**
   * A C string of at most {@code cap} bytes with its NUL; "" for NULL. Bytes that are no UTF-8 are
   * replaced.
   */
  static String text(MemorySegment pointer, long cap) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(cap).getString(0);
  }

  /** The text of a C string of any length; "" for NULL. */
  static String text(MemorySegment pointer) {
    return text(pointer, Long.MAX_VALUE);
  }

  /** What C handed over, with its size and for the life of the arena. */
  static MemorySegment sized(MemorySegment pointer, long bytes, Arena life) {
    return pointer.reinterpret(bytes, life, null);
  }

  /** A function pointer that lives as long as the JVM, as the library itself does. */
  static MemorySegment upcall(MethodHandle target, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().upcallStub(target, descriptor, Arena.global());
  }

  /**
   * What a downcall throws is a fault of this package: a wrong type, or a segment that is closed.
   */
  static AssertionError impossible(Throwable t) {
    return new AssertionError("a call into the C core failed before it began", t);
  }

  private static MethodHandle handle(String function) {
    MemorySegment address = Objects.requireNonNull(symbols).find(function).orElseThrow();
    return Linker.nativeLinker()
        .downcallHandle(address, Objects.requireNonNull(FUNCTIONS.get(function)));
  }

  private static NativeException misuse(String text) {
    return new NativeException(SqliteCode.MISUSE, text);
  }

  private static FunctionDescriptor code(MemoryLayout... arguments) {
    return FunctionDescriptor.of(JAVA_INT, arguments);
  }

  private static FunctionDescriptor nothing(MemoryLayout... arguments) {
    return FunctionDescriptor.ofVoid(arguments);
  }
}

package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Every call from the C core ({@code ls_host}), dispatched by db id. An exception that left an
 * upcall would end the JVM, so each body catches {@code Throwable} and answers with a code and a
 * text.
 */
public final class HostUpcalls {

  private static final Logger LOG = System.getLogger("io.litestream.jdbc");

  /** {@code LS_GIVEN_RANGE}, {@code LS_GIVEN_NEED} and {@code LS_GIVEN_NOTHING}. */
  private static final int GIVEN_RANGE = 0;

  private static final int GIVEN_NEED = 1;
  private static final int GIVEN_NOTHING = 2;

  /** {@code LS_HISTORY_PAGES}. */
  private static final int HISTORY_PAGES = 1;

  private static final Map<Long, DbHost> HOSTS = new ConcurrentHashMap<>();
  private static final ThreadLocal<@Nullable Failure> FAILURE = new ThreadLocal<>();
  private static volatile @Nullable Opener opener;

  private HostUpcalls() {}

  /** Says who opens replicas. */
  public static void opener(Opener o) {
    opener = o;
  }

  /** Says who answers for a db; before its {@link NativeDb} has readers. */
  public static void register(long dbId, DbHost host) {
    if (HOSTS.putIfAbsent(dbId, host) != null) {
      throw new IllegalStateException("db " + dbId + " has a host already");
    }
  }

  /** Ends a registration; after the {@link NativeDb} has no reader any more. */
  public static void unregister(long dbId) {
    HOSTS.remove(dbId);
  }

  /**
   * What the last failed upcall on this thread answered, or the core logged as a data fault: the
   * whole story of the result code that SQLite shows. Null when nothing has failed since {@link
   * #clearFailure}. Meant to be read by whoever called SQLite, right after that has failed, and
   * only where the code is the same.
   */
  public static @Nullable Failure lastFailure() {
    return FAILURE.get();
  }

  /** Forgets this thread's last failure. */
  public static void clearFailure() {
    FAILURE.remove();
  }

  static int open(
      MemorySegment params, int length, MemorySegment out, MemorySegment err, int errCap) {
    return answer(
        err,
        errCap,
        () -> {
          Opener o = opener;
          if (o == null) {
            throw new HostException(SqliteCode.CANTOPEN, "litestream-jdbc is not set up", null);
          }
          try (Arena call = Arena.ofConfined()) {
            Map<String, String> parameters = new LinkedHashMap<>();
            String name = parse(NativeCore.sized(params, length, call), parameters);
            Opened opened = o.open(name, parameters);
            NativeView home = opened.home();
            MemorySegment struct = NativeCore.sized(out, Layouts.OPENED.byteSize(), call);
            struct.set(JAVA_LONG, 16, opened.at().toEpochMilli());
            struct.set(JAVA_LONG, 24, opened.maxStale().toMillis());
            struct.set(JAVA_INT, 32, opened.streamed() ? 1 : 0);
            struct.set(ADDRESS, 0, opened.db().give());
            struct.set(ADDRESS, 8, home == null ? MemorySegment.NULL : home.give());
          }
        });
  }

  static int fetch(
      long dbId,
      MemorySegment reader,
      long fileId,
      long offset,
      int length,
      int needAt,
      int need,
      MemorySegment buf,
      MemorySegment given,
      MemorySegment err,
      int errCap) {
    return answer(
        reader,
        err,
        errCap,
        (waiting, call) -> {
          ByteBuffer target = NativeCore.sized(buf, length, call).asByteBuffer();
          FetchRange range = new FetchRange(offset, length, offset + needAt, need);
          host(dbId).fetch(waiting, fileId, range, target);
          NativeCore.sized(given, Integer.BYTES, call).set(JAVA_INT, 0, given(target, need));
        });
  }

  static int locate(
      long dbId,
      MemorySegment reader,
      long fileId,
      long indexOffset,
      int indexLength,
      long framesOffset,
      int framesLength,
      MemorySegment buf,
      MemorySegment err,
      int errCap) {
    return answer(
        reader,
        err,
        errCap,
        (waiting, call) -> {
          int length = Math.addExact(indexLength, framesLength);
          ByteBuffer target = NativeCore.sized(buf, length, call).asByteBuffer();
          Range index = new Range(indexOffset, indexLength);
          host(dbId).locate(waiting, fileId, index, new Range(framesOffset, framesLength), target);
          if (target.hasRemaining()) {
            throw incomplete(target);
          }
        });
  }

  private static int given(ByteBuffer target, int need) throws HostException {
    int bytes = target.position();
    if (!target.hasRemaining()) {
      return GIVEN_RANGE;
    }
    if (bytes != need && bytes != 0) {
      throw incomplete(target);
    }
    return bytes == 0 ? GIVEN_NOTHING : GIVEN_NEED;
  }

  private static HostException incomplete(ByteBuffer target) {
    return new HostException(
        SqliteCode.IOERR,
        "expected " + target.limit() + " bytes, found " + target.position(),
        null);
  }

  static void taken(long dbId, long fileId, long offset, int length) {
    try {
      host(dbId).taken(fileId, offset, length);
    } catch (Throwable t) {
      report("taken", t);
    }
  }

  static int ahead(
      long dbId, MemorySegment file, long fileId, int ordinal, long offset, int length) {
    try {
      NativeFile handle = new NativeFile(file);
      boolean taken = false;
      try {
        taken = host(dbId).ahead(handle, fileId, ordinal, offset, length);
      } finally {
        if (!taken) {
          handle.handOver(); // still the caller's
        }
      }
      return taken ? 1 : 0;
    } catch (Throwable t) {
      report("ahead", t);
      return 0;
    }
  }

  static int replan(
      long dbId,
      MemorySegment reader,
      MemorySegment pinned,
      MemorySegment out,
      MemorySegment err,
      int errCap) {
    return answer(
        reader,
        err,
        errCap,
        (waiting, call) -> {
          try (NativeView borrowed = NativeView.borrowed(pinned)) {
            put(out, call, host(dbId).replan(waiting, borrowed).give());
            clearFailure(); // of the read that it makes good
          }
        });
  }

  static int travel(
      long dbId,
      MemorySegment reader,
      int what,
      MemorySegment text,
      MemorySegment out,
      MemorySegment target,
      MemorySegment err,
      int errCap) {
    return answer(
        reader,
        err,
        errCap,
        (waiting, call) -> {
          Travel travel =
              host(dbId).travel(waiting, TravelBy.values()[what], NativeCore.text(text));
          long millis = travel.target().toEpochMilli();
          NativeView view = travel.view();
          NativeCore.sized(target, Long.BYTES, call).set(JAVA_LONG, 0, millis);
          put(out, call, view == null ? MemorySegment.NULL : view.give());
        });
  }

  static int refresh(
      long dbId, MemorySegment reader, long maxStale, MemorySegment err, int errCap) {
    return answer(
        reader,
        err,
        errCap,
        (waiting, call) -> host(dbId).refresh(waiting, Duration.ofMillis(maxStale)));
  }

  static int history(
      long dbId,
      MemorySegment reader,
      long beforeTxid,
      int max,
      int want,
      MemorySegment out,
      MemorySegment err,
      int errCap) {
    return answer(
        reader,
        err,
        errCap,
        (waiting, call) -> {
          MemorySegment struct = call.allocate(Layouts.HISTORY_ROW);
          boolean pages = (want & HISTORY_PAGES) != 0;
          host(dbId).history(waiting, beforeTxid, max, pages, row -> add(out, row, struct));
        });
  }

  private static void add(MemorySegment history, HistoryRow row, MemorySegment struct) {
    Layouts.write(row, struct);
    int code;
    try {
      code = (int) NativeCore.Calls.HISTORY_ADD.invokeExact(history, struct);
    } catch (Throwable t) {
      throw NativeCore.impossible(t);
    }
    if (code != SqliteCode.OK) {
      throw new IllegalStateException("too many states, or not newest first: " + row);
    }
  }

  static long lag(long dbId) {
    return number("lag", () -> host(dbId).lag());
  }

  static long lookAge(long dbId) {
    return number("look_age", () -> host(dbId).lookAge());
  }

  static int stats(long dbId, MemorySegment text, int cap) {
    return answer(
        MemorySegment.NULL,
        0,
        () -> {
          byte[] json = host(dbId).stats().getBytes(UTF_8);
          if (json.length >= cap) {
            throw new IllegalStateException("statistics of " + json.length + " bytes");
          }
          write(json, text, cap);
        });
  }

  static void closed(long dbId) {
    try {
      host(dbId).closed();
    } catch (Throwable t) {
      report("closed", t);
    }
  }

  static void log(MemorySegment text) {
    try {
      String fault = NativeCore.text(text);
      FAILURE.set(new Failure(SqliteCode.CORRUPT, fault, null));
      LOG.log(Level.WARNING, fault);
    } catch (Throwable t) {
      report("log", t);
    }
  }

  private interface Body {
    void run() throws Throwable;
  }

  private interface ReaderBody {
    void run(WaitingReader waiting, Arena call) throws Throwable;
  }

  private interface Figure {
    long get() throws Throwable;
  }

  /** A number that is for information only: -1 where there is none. */
  private static long number(String where, Figure figure) {
    try {
      return figure.get();
    } catch (Throwable t) {
      report(where, t);
      return -1;
    }
  }

  /** Runs a body; its failure as code and text. */
  private static int answer(MemorySegment err, int errCap, Body body) {
    try {
      body.run();
      return SqliteCode.OK;
    } catch (HostException e) {
      return fail(err, errCap, e.code(), e.getMessage(), e.getCause());
    } catch (OutOfMemoryError e) {
      return fail(err, errCap, SqliteCode.NOMEM, ErrorText.of(e), e);
    } catch (Throwable t) {
      report("a host call", t);
      return fail(err, errCap, SqliteCode.IOERR, ErrorText.of(t), t);
    }
  }

  /** The same for a body that a reader waits for. */
  private static int answer(MemorySegment reader, MemorySegment err, int errCap, ReaderBody body) {
    return answer(
        err,
        errCap,
        () -> {
          try (WaitingReader waiting = new WaitingReader(reader);
              Arena call = Arena.ofConfined()) {
            body.run(waiting, call);
          }
        });
  }

  private static int fail(
      MemorySegment err, int errCap, int code, String text, @Nullable Throwable cause) {
    try {
      FAILURE.set(new Failure(code, text, cause));
      if (errCap > 0 && err.address() != 0) {
        write(ErrorText.utf8(text, errCap - 1), err, errCap);
      }
    } catch (Throwable t) {
      return code;
    }
    return code;
  }

  /** Writes a C string into a buffer of C's, which it fits into. */
  private static void write(byte[] bytes, MemorySegment buffer, int cap) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment target = NativeCore.sized(buffer, cap, call);
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
      target.set(JAVA_BYTE, bytes.length, (byte) 0);
    }
  }

  /** Logs what no caller can be told. A logger that fails must not end the JVM either. */
  private static void report(String where, Throwable t) {
    try {
      LOG.log(Level.WARNING, "unexpected failure in " + where + ": " + ErrorText.trace(t));
    } catch (Throwable second) {
      return;
    }
  }

  private static DbHost host(long dbId) throws HostException {
    DbHost host = HOSTS.get(dbId);
    if (host == null) {
      throw new HostException(SqliteCode.MISUSE, "replica " + dbId + " is closed", null);
    }
    return host;
  }

  private static void put(MemorySegment out, Arena call, MemorySegment pointer) {
    NativeCore.sized(out, ADDRESS.byteSize(), call).set(ADDRESS, 0, pointer);
  }

  /** Splits "name\0key\0value\0..."; of a repeated key the first value counts, as in SQLite. */
  private static String parse(MemorySegment params, Map<String, String> parameters) {
    String[] parts = new String(params.toArray(JAVA_BYTE), UTF_8).split("\0", -1);
    for (int i = 1; i + 2 < parts.length; i += 2) {
      parameters.putIfAbsent(parts[i], parts[i + 1]);
    }
    return parts[0];
  }
}

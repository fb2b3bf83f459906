package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
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

  private static final Map<Long, DbHost> HOSTS = new ConcurrentHashMap<>();
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

  /** The {@code ls_host} of this class, living as long as the JVM. */
  static MemorySegment table() {
    MemorySegment table = Arena.global().allocate(Layouts.HOST);
    table.set(JAVA_INT, 0, (int) Layouts.HOST.byteSize());
    table.set(JAVA_INT, 4, NativeCore.ABI_VERSION);
    MemorySegment[] functions = {
      stub("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT)),
      stub("closed", FunctionDescriptor.ofVoid(JAVA_LONG)),
      stub(
          "fetch",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS,
              JAVA_INT)),
      stub(
          "replan",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
      stub("refresh", FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS)),
      stub(
          "travel",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
      stub("lag", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG)),
      stub("log", FunctionDescriptor.ofVoid(ADDRESS)),
    };
    for (int i = 0; i < functions.length; i++) {
      table.set(ADDRESS, 8 + i * ADDRESS.byteSize(), functions[i]);
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

  private static int open(
      MemorySegment params, int length, MemorySegment db, MemorySegment err, int errCap) {
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
            put(db, call, o.open(name, parameters).give());
          }
        });
  }

  private static int fetch(
      long dbId,
      MemorySegment reader,
      long fileId,
      long offset,
      int length,
      MemorySegment buf,
      MemorySegment err,
      int errCap) {
    return answer(
        err,
        errCap,
        () -> {
          try (Waiting waiting = new Waiting(reader);
              Arena call = Arena.ofConfined()) {
            ByteBuffer target =
                NativeCore.sized(buf, Integer.toUnsignedLong(length), call).asByteBuffer();
            host(dbId).fetch(waiting, fileId, offset, target);
            if (target.hasRemaining()) {
              throw new HostException(
                  SqliteCode.IOERR,
                  "expected " + length + " bytes, found " + target.position(),
                  null);
            }
          }
        });
  }

  private static int replan(
      long dbId,
      MemorySegment reader,
      MemorySegment pinned,
      MemorySegment out,
      MemorySegment err,
      int errCap) {
    return answer(
        err,
        errCap,
        () -> {
          try (Waiting waiting = new Waiting(reader);
              NativeView borrowed = NativeView.borrowed(pinned);
              Arena call = Arena.ofConfined()) {
            put(out, call, host(dbId).replan(waiting, borrowed).give());
          }
        });
  }

  private static int travel(
      long dbId,
      MemorySegment reader,
      MemorySegment text,
      MemorySegment out,
      MemorySegment target,
      MemorySegment err,
      int errCap) {
    return answer(
        err,
        errCap,
        () -> {
          try (Waiting waiting = new Waiting(reader);
              Arena call = Arena.ofConfined()) {
            Travel travel = host(dbId).travel(waiting, NativeCore.text(text));
            long millis = travel.target().toEpochMilli();
            NativeView view = travel.view();
            NativeCore.sized(target, Long.BYTES, call).set(JAVA_LONG, 0, millis);
            put(out, call, view == null ? MemorySegment.NULL : view.give());
          }
        });
  }

  private static void refresh(long dbId, MemorySegment reader) {
    try (Waiting waiting = new Waiting(reader)) {
      host(dbId).refresh(waiting);
    } catch (Throwable t) {
      report("refresh", t);
    }
  }

  private static long lag(long dbId) {
    try {
      return host(dbId).lag();
    } catch (Throwable t) {
      report("lag", t);
      return -1;
    }
  }

  private static void closed(long dbId) {
    try {
      host(dbId).closed();
    } catch (Throwable t) {
      report("closed", t);
    }
  }

  private static void log(MemorySegment text) {
    try {
      LOG.log(Level.WARNING, NativeCore.text(text));
    } catch (Throwable t) {
      report("log", t);
    }
  }

  private interface Body {
    void run() throws Throwable;
  }

  /** Runs a body; its failure as code and text. */
  private static int answer(MemorySegment err, int errCap, Body body) {
    try {
      body.run();
      return SqliteCode.OK;
    } catch (HostException e) {
      return fail(err, errCap, e.code(), String.valueOf(e.getMessage()));
    } catch (OutOfMemoryError e) {
      return fail(err, errCap, SqliteCode.NOMEM, ErrorText.of(e));
    } catch (Throwable t) {
      report("a host call", t);
      return fail(err, errCap, SqliteCode.IOERR, ErrorText.of(t));
    }
  }

  private static int fail(MemorySegment err, int errCap, int code, String text) {
    try (Arena call = Arena.ofConfined()) {
      if (errCap > 0 && err.address() != 0) {
        byte[] bytes = ErrorText.utf8(text, errCap - 1);
        MemorySegment target = NativeCore.sized(err, errCap, call);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
        target.set(JAVA_BYTE, bytes.length, (byte) 0);
      }
    } catch (Throwable t) {
      return code;
    }
    return code;
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

  /** A reader during one host call. */
  private static final class Waiting implements Reader, AutoCloseable {
    private @Nullable MemorySegment reader;

    Waiting(MemorySegment reader) {
      this.reader = reader;
    }

    @Override
    public boolean interrupted() {
      MemorySegment r = reader;
      if (r == null) {
        throw new IllegalStateException("the host call that this reader came with is over");
      }
      try {
        return (int) NativeCore.Calls.READER_INTERRUPTED.invokeExact(r) != 0;
      } catch (Throwable t) {
        throw NativeCore.impossible(t);
      }
    }

    @Override
    public void close() {
      reader = null;
    }
  }
}

package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The function pointers of the host table, called as C calls them. */
@SuppressWarnings("restricted")
class HostUpcallsTest {

  private static final MemorySegment TABLE = HostUpcalls.table();
  private static final Logger LOGGER = Logger.getLogger("io.litestream.jdbc");
  private static final AtomicLong IDS = new AtomicLong(1_000_000);

  private final long id = IDS.incrementAndGet();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment err = arena.allocate(64);

  @BeforeEach
  void garbage() {
    err.fill((byte) 0x7f);
  }

  @AfterEach
  void end() {
    HostUpcalls.unregister(id);
    arena.close();
  }

  /** A host whose every answer fails, until a test overrides one. */
  private static class Failing implements DbHost {
    @Override
    public void fetch(Reader reader, long fileId, long offset, ByteBuffer target)
        throws HostException {
      throw new HostException(SqliteCode.NOTFOUND, "gone", null);
    }

    @Override
    public NativeView replan(Reader reader, NativeView pinned) throws HostException {
      throw new HostException(SqliteCode.BUSY, "later", null);
    }

    @Override
    public void refresh(Reader reader) {
      throw new IllegalStateException("refresh");
    }

    @Override
    public Travel travel(Reader reader, String text) throws HostException {
      throw new HostException(SqliteCode.ERROR, text, null);
    }

    @Override
    public long lag() {
      throw new StackOverflowError("lag");
    }

    @Override
    public void closed() {
      throw new AssertionError("closed");
    }
  }

  @Test
  void fetchFillsTheBuffer() {
    List<Object> seen = new ArrayList<>();
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, long offset, ByteBuffer target) {
            seen.add(List.of(fileId, offset, target.remaining()));
            target.put("0123456789".getBytes(UTF_8));
          }
        });
    MemorySegment buffer = arena.allocate(12);
    assertThat(fetch(7, -1, 10, buffer)).isEqualTo(SqliteCode.OK);
    assertThat(seen).containsExactly(List.of(7L, -1L, 10));
    assertThat(buffer.toArray(JAVA_BYTE)).isEqualTo("0123456789\0\0".getBytes(UTF_8));
  }

  @Test
  void fetchThatStopsShortIsAnError() {
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, long offset, ByteBuffer target) {
            target.put((byte) 1);
          }
        });
    assertThat(fetch(1, 0, 10, arena.allocate(10))).isEqualTo(SqliteCode.IOERR);
    assertThat(err.getString(0)).isEqualTo("expected 10 bytes, found 1");
  }

  @Test
  void whatAHostKeepsIsUselessAfterwards() {
    List<ByteBuffer> buffers = new ArrayList<>();
    List<Reader> readers = new ArrayList<>();
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, long offset, ByteBuffer target) {
            buffers.add(target);
            readers.add(reader);
            target.position(target.limit());
          }
        });
    assertThat(fetch(1, 0, 4, arena.allocate(4))).isEqualTo(SqliteCode.OK);
    assertThatThrownBy(() -> buffers.getFirst().put(0, (byte) 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> readers.getFirst().interrupted())
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aHostsErrorIsCodeAndText() {
    HostUpcalls.register(id, new Failing());
    assertThat(fetch(1, 0, 4, arena.allocate(4))).isEqualTo(SqliteCode.NOTFOUND);
    assertThat(err.getString(0)).isEqualTo("gone");
    assertThat(replan()).isEqualTo(SqliteCode.BUSY);
    assertThat(err.getString(0)).isEqualTo("later");
  }

  @Test
  void nothingEscapesAndCredentialsAreMasked() {
    List<String> logged = new ArrayList<>();
    Handler handler =
        new StreamHandler() {
          @Override
          public synchronized void publish(LogRecord line) {
            logged.add(line.getMessage() + line.getThrown());
          }
        };
    LOGGER.addHandler(handler);
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, long offset, ByteBuffer target) {
            throw new IllegalArgumentException("s3://k:v@h?secret-access-key=abc&x=1");
          }

          @Override
          public NativeView replan(Reader reader, NativeView pinned) {
            throw new OutOfMemoryError("heap");
          }
        });
    assertThat(fetch(1, 0, 4, arena.allocate(4))).isEqualTo(SqliteCode.IOERR);
    assertThat(err.getString(0)).contains("IllegalArgument").doesNotContain("abc", "k:v");
    assertThat(replan()).isEqualTo(SqliteCode.NOMEM);
    call("refresh", 4, FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS), id, MemorySegment.NULL);
    call("closed", 1, FunctionDescriptor.ofVoid(JAVA_LONG), id);
    assertThat(call("lag", 6, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG), id)).isEqualTo(-1L);
    LOGGER.removeHandler(handler);
    assertThat(logged)
        .hasSize(4)
        .allMatch(line -> line.contains("HostUpcalls.java:"), "has the stack")
        .noneMatch(line -> line.contains("abc") || line.contains("k:v"));
  }

  @Test
  void anUnknownDbIsAnError() {
    assertThat(fetch(1, 0, 4, arena.allocate(4))).isEqualTo(SqliteCode.MISUSE);
    assertThat(err.getString(0)).contains("closed");
    assertThat(call("lag", 6, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG), id)).isEqualTo(-1L);
  }

  @Test
  void aLongTextIsCutBetweenCharacters() {
    HostUpcalls.register(id, new Failing());
    assertThat(travel("é".repeat(100))).isEqualTo(SqliteCode.ERROR);
    assertThat(err.getString(0)).isEqualTo("é".repeat(31));
    assertThat(err.get(JAVA_BYTE, 63)).as("the byte that no character fits into").isNotZero();
  }

  @Test
  void noRoomForATextIsNoProblem() {
    HostUpcalls.register(id, new Failing());
    assertThat(
            call(
                "travel",
                5,
                travelType(),
                id,
                MemorySegment.NULL,
                arena.allocateFrom("x"),
                arena.allocate(8),
                arena.allocate(8),
                MemorySegment.NULL,
                0))
        .isEqualTo(SqliteCode.ERROR);
  }

  @Test
  void travelToThePresentHasNoView() {
    Instant target = Instant.ofEpochMilli(1_705_314_600_123L);
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public Travel travel(Reader reader, String text) {
            return new Travel(null, target);
          }
        });
    MemorySegment view = arena.allocateFrom(JAVA_LONG, 99);
    MemorySegment millis = arena.allocate(JAVA_LONG);
    assertThat(
            call(
                "travel",
                5,
                travelType(),
                id,
                MemorySegment.NULL,
                arena.allocateFrom("LATEST"),
                view,
                millis,
                err,
                64))
        .isEqualTo(SqliteCode.OK);
    assertThat(view.get(JAVA_LONG, 0)).isZero();
    assertThat(millis.get(JAVA_LONG, 0)).isEqualTo(target.toEpochMilli());
  }

  @Test
  void theOpenerSeesNameAndParametersInOrder() {
    List<Object> seen = new ArrayList<>();
    HostUpcalls.opener(
        (name, parameters) -> {
          seen.add(name);
          seen.addAll(parameters.entrySet());
          throw new HostException(SqliteCode.CANTOPEN, "no", null);
        });
    assertThat(open("app.db\0vfs\0litestream\0b\0\0a\0é\0b\0again\0"))
        .isEqualTo(SqliteCode.CANTOPEN);
    assertThat(seen)
        .containsExactly(
            "app.db", Map.entry("vfs", "litestream"), Map.entry("b", ""), Map.entry("a", "é"));
    seen.clear();
    assertThat(open("\0")).isEqualTo(SqliteCode.CANTOPEN);
    assertThat(open("name\0odd\0")).isEqualTo(SqliteCode.CANTOPEN);
    assertThat(seen).containsExactly("", "name");
  }

  @Test
  void aDbHasOneHost() {
    HostUpcalls.register(id, new Failing());
    assertThatThrownBy(() -> HostUpcalls.register(id, new Failing()))
        .isInstanceOf(IllegalStateException.class);
  }

  private int open(String params) {
    byte[] bytes = params.getBytes(UTF_8);
    MemorySegment native_ = arena.allocate(bytes.length);
    native_.copyFrom(MemorySegment.ofArray(bytes));
    return (int)
        call(
            "open",
            0,
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT),
            native_,
            bytes.length,
            arena.allocate(8),
            err,
            64);
  }

  private int fetch(long file, long offset, int length, MemorySegment buffer) {
    return (int)
        call(
            "fetch",
            2,
            FunctionDescriptor.of(
                JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS,
                JAVA_INT),
            id,
            MemorySegment.NULL,
            file,
            offset,
            length,
            buffer,
            err,
            64);
  }

  private int replan() {
    return (int)
        call(
            "replan",
            3,
            FunctionDescriptor.of(
                JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT),
            id,
            MemorySegment.NULL,
            MemorySegment.NULL,
            arena.allocate(8),
            err,
            64);
  }

  private int travel(String text) {
    return (int)
        call(
            "travel",
            5,
            travelType(),
            id,
            MemorySegment.NULL,
            arena.allocateFrom(text),
            arena.allocate(8),
            arena.allocate(8),
            err,
            64);
  }

  private static FunctionDescriptor travelType() {
    return FunctionDescriptor.of(
        JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
  }

  private static Object call(
      String name, int index, FunctionDescriptor descriptor, Object... arguments) {
    MemorySegment function = TABLE.get(ADDRESS, 8 + index * 8L);
    try {
      return Linker.nativeLinker()
          .downcallHandle(function, descriptor)
          .invokeWithArguments(arguments);
    } catch (Throwable t) {
      throw new AssertionError(name, t);
    }
  }
}

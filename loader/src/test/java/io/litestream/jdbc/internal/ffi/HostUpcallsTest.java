package io.litestream.jdbc.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The function pointers of the host table, called as C calls them. */
@SuppressWarnings("restricted")
class HostUpcallsTest {

  private static final MemorySegment TABLE = HostTable.make();
  private static final Logger LOGGER = Logger.getLogger("io.litestream.jdbc");
  private static final AtomicLong IDS = new AtomicLong(1_000_000);

  private final long id = IDS.incrementAndGet();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment err = arena.allocate(64);

  private final MemorySegment given = arena.allocate(JAVA_INT);

  /** One of these functions calls the core. */
  @BeforeAll
  static void bound() throws Exception {
    NativeCore.bind(Litestream.loadablePath());
  }

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
    public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target)
        throws HostException {
      throw new HostException(SqliteCode.NOTFOUND, "gone", null);
    }

    @Override
    public void locate(Reader reader, long fileId, Range index, Range frames, ByteBuffer target)
        throws HostException {
      throw new HostException(SqliteCode.NOTFOUND, "gone", null);
    }

    @Override
    public void taken(long fileId, long offset, int length) {
      throw new IllegalStateException("taken");
    }

    @Override
    public boolean ahead(NativeFile file, long fileId, int ordinal, long offset, int length) {
      throw new IllegalStateException("ahead");
    }

    @Override
    public NativeView replan(Reader reader, NativeView pinned) throws HostException {
      throw new HostException(SqliteCode.BUSY, "later", null);
    }

    @Override
    public void refresh(Reader reader, Duration maxStale) throws HostException {
      throw new HostException(SqliteCode.BUSY, "older than " + maxStale, null);
    }

    @Override
    public Travel travel(Reader reader, TravelBy by, String text) throws HostException {
      throw new HostException(SqliteCode.ERROR, text, null);
    }

    @Override
    public void history(
        Reader reader, long beforeTxid, int max, boolean pages, Consumer<HistoryRow> rows)
        throws HostException {
      throw new HostException(SqliteCode.IOERR, "none", null);
    }

    @Override
    public long lag() {
      throw new StackOverflowError("lag");
    }

    @Override
    public long lookAge() {
      throw new IllegalStateException("look age");
    }

    @Override
    public String stats() {
      return "x".repeat(100);
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
          public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) {
            seen.add(List.of(fileId, range, target.remaining()));
            target.put("0123456789".getBytes(UTF_8));
          }
        });
    MemorySegment buffer = arena.allocate(12);
    assertThat(fetch(7, -1, 10, buffer)).isEqualTo(SqliteCode.OK);
    assertThat(seen).containsExactly(List.of(7L, new FetchRange(-1, 10, -1, 10), 10));
    assertThat(buffer.toArray(JAVA_BYTE)).isEqualTo("0123456789\0\0".getBytes(UTF_8));
  }

  @Test
  void fetchThatStopsShortIsAnError() {
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) {
            target.put((byte) 1);
          }
        });
    assertThat(fetch(1, 0, 10, arena.allocate(10))).isEqualTo(SqliteCode.IOERR);
    assertThat(err.getString(0)).isEqualTo("expected 10 bytes, found 1");
  }

  @Test
  void fetchMayBringWhatIsNeededAlone() {
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) {
            target.put("456".getBytes(UTF_8));
          }
        });
    MemorySegment buffer = arena.allocate(10);
    assertThat(fetch(1, new FetchRange(0, 10, 4, 3), buffer)).isEqualTo(SqliteCode.OK);
    assertThat(given.get(JAVA_INT, 0)).isEqualTo(1);
    assertThat(buffer.toArray(JAVA_BYTE)).startsWith("456".getBytes(UTF_8));
    assertThat(fetch(1, new FetchRange(0, 3, 0, 3), buffer)).isEqualTo(SqliteCode.OK);
    assertThat(given.get(JAVA_INT, 0)).isZero();
  }

  @Test
  void fetchMayBringNothing() {
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) {}
        });
    assertThat(fetch(1, new FetchRange(0, 10, 4, 3), arena.allocate(10))).isEqualTo(SqliteCode.OK);
    assertThat(given.get(JAVA_INT, 0)).isEqualTo(2);
  }

  @Test
  void whatAHostThrowsWhenItIsToldStaysHere() {
    HostUpcalls.register(id, new Failing());
    HostUpcalls.taken(id, 1, 2, 3);
  }

  @Test
  void whatAHostKeepsIsUselessAfterwards() {
    List<ByteBuffer> buffers = new ArrayList<>();
    List<Reader> readers = new ArrayList<>();
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) {
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
          public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target) {
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
    call("closed", id);
    assertThat(call("lag", id)).isEqualTo(-1L);
    assertThat(call("lookAge", id)).isEqualTo(-1L);
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
    assertThat(call("lag", id)).isEqualTo(-1L);
  }

  @Test
  void aLongTextIsCutBetweenCharacters() {
    HostUpcalls.register(id, new Failing());
    assertThat(travel(TravelBy.TXID, "é".repeat(100))).isEqualTo(SqliteCode.ERROR);
    assertThat(err.getString(0)).isEqualTo("é".repeat(31));
    assertThat(err.get(JAVA_BYTE, 63)).as("the byte that no character fits into").isNotZero();
  }

  @Test
  void noRoomForATextIsNoProblem() {
    HostUpcalls.register(id, new Failing());
    assertThat(
            call(
                "travel",
                id,
                MemorySegment.NULL,
                0,
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
          public Travel travel(Reader reader, TravelBy by, String text) {
            assertThat(by).isEqualTo(TravelBy.TIME);
            return new Travel(null, target);
          }
        });
    MemorySegment view = arena.allocateFrom(JAVA_LONG, 99);
    MemorySegment millis = arena.allocate(JAVA_LONG);
    assertThat(
            call(
                "travel",
                id,
                MemorySegment.NULL,
                0,
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
  void theLastFailureOfAThreadIsKeptWithItsCause() {
    Exception cause = new Exception("why");
    HostUpcalls.register(
        id,
        new Failing() {
          @Override
          public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target)
              throws HostException {
            throw new HostException(SqliteCode.AUTH, "denied", cause);
          }
        });
    HostUpcalls.clearFailure();
    assertThat(HostUpcalls.lastFailure()).isNull();
    assertThat(fetch(1, 0, 4, arena.allocate(4))).isEqualTo(SqliteCode.AUTH);
    assertThat(HostUpcalls.lastFailure()).isEqualTo(new Failure(SqliteCode.AUTH, "denied", cause));
    assertThat(refresh(1500)).isEqualTo(SqliteCode.BUSY);
    assertThat(HostUpcalls.lastFailure())
        .isEqualTo(new Failure(SqliteCode.BUSY, "older than PT1.5S", null));
    call("log", arena.allocateFrom("page 3 is damaged"));
    assertThat(HostUpcalls.lastFailure())
        .isEqualTo(new Failure(SqliteCode.CORRUPT, "page 3 is damaged", null));
    HostUpcalls.clearFailure();
    assertThat(HostUpcalls.lastFailure()).isNull();
  }

  @Test
  void statisticsAreWholeOrNone() {
    HostUpcalls.register(id, new Failing());
    assertThat((int) call("stats", id, err, 64)).isEqualTo(SqliteCode.IOERR);
    MemorySegment room = arena.allocate(101);
    assertThat((int) call("stats", id, room, 101)).isEqualTo(SqliteCode.OK);
    assertThat(room.getString(0)).isEqualTo("x".repeat(100));
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
    return (int) call("open", native_, bytes.length, arena.allocate(Layouts.OPENED), err, 64);
  }

  private int fetch(long file, long offset, int length, MemorySegment buffer) {
    return fetch(file, new FetchRange(offset, length, offset, length), buffer);
  }

  private int fetch(long file, FetchRange range, MemorySegment buffer) {
    return (int)
        call(
            "fetch",
            id,
            MemorySegment.NULL,
            file,
            range.offset(),
            range.length(),
            (int) (range.needAt() - range.offset()),
            range.need(),
            buffer,
            given,
            err,
            64);
  }

  private int replan() {
    return (int)
        call("replan", id, MemorySegment.NULL, MemorySegment.NULL, arena.allocate(8), err, 64);
  }

  private int refresh(long maxStaleMillis) {
    return (int) call("refresh", id, MemorySegment.NULL, maxStaleMillis, err, 64);
  }

  private int travel(TravelBy by, String text) {
    MemorySegment name = arena.allocateFrom(text);
    return (int)
        call(
            "travel",
            id,
            MemorySegment.NULL,
            by.ordinal(),
            name,
            arena.allocate(8),
            arena.allocate(8),
            err,
            64);
  }

  /** Calls a function pointer of the table, as C does. */
  private static Object call(String name, Object... arguments) {
    int index = List.copyOf(HostTable.FUNCTIONS.keySet()).indexOf(name);
    MemorySegment function = TABLE.get(ADDRESS, 8 + index * 8L);
    try {
      return Linker.nativeLinker()
          .downcallHandle(function, HostTable.FUNCTIONS.get(name))
          .invokeWithArguments(arguments);
    } catch (Throwable t) {
      throw new AssertionError(name, t);
    }
  }
}

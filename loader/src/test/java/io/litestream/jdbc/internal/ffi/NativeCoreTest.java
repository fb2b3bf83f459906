package io.litestream.jdbc.internal.ffi;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.store.LtxName;
import io.litestream.testkit.ltx.LtxHeader;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The handles over the real core, without SQL. */
class NativeCoreTest {

  private static final int PAGE = 512;
  private static final Instant TIME = Instant.ofEpochMilli(1_705_314_600_123L);
  private static final AtomicLong IDS = new AtomicLong(2_000_000);

  private final Map<Long, byte[]> objects = new HashMap<>();
  private final AtomicInteger fetches = new AtomicInteger();
  private final AtomicInteger aheads = new AtomicInteger();
  private final AtomicInteger refreshes = new AtomicInteger();
  private NativeStats before = new NativeStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  private final NativeDb db = open();

  @BeforeAll
  static void load() throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      Litestream.load(connection);
    }
  }

  private static NativeDb open() {
    try {
      return NativeDb.open(IDS.incrementAndGet(), "file:///test");
    } catch (NativeException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void register() {
    HostUpcalls.register(db.id(), new Served());
    before = NativeCore.stats();
  }

  @AfterEach
  void nothingIsLeft() {
    db.close();
    HostUpcalls.unregister(db.id());
    NativeStats after = NativeCore.stats();
    assertThat(List.of(after.files(), after.views(), after.readers()))
        .isEqualTo(List.of(before.files(), before.views(), before.readers()));
    assertThat(after.dbs()).isEqualTo(before.dbs() - 1);
  }

  /** Serves the objects that the test keeps. */
  private final class Served implements DbHost {
    @Override
    public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target)
        throws HostException {
      fetches.incrementAndGet();
      assertThat(reader.interrupted()).isFalse();
      byte[] bytes = objects.get(fileId);
      if (bytes == null) {
        throw new HostException(SqliteCode.NOTFOUND, "object " + fileId + " is gone", null);
      }
      target.put(bytes, (int) range.offset(), range.length());
    }

    @Override
    public void locate(Reader reader, long fileId, Range index, Range frames, ByteBuffer target) {
      byte[] bytes = Objects.requireNonNull(objects.get(fileId));
      target.put(bytes, (int) index.offset(), index.length());
      target.put(bytes, (int) frames.offset(), frames.length());
    }

    @Override
    public void taken(long fileId, long offset, int length) {}

    @Override
    public boolean ahead(NativeFile file, long fileId, int ordinal, long offset, int length) {
      byte[] bytes = Objects.requireNonNull(objects.get(fileId));
      try (file) {
        file.offer(ordinal, offset, Arrays.copyOfRange(bytes, (int) offset, (int) offset + length));
      }
      aheads.incrementAndGet();
      return true;
    }

    @Override
    public NativeView replan(Reader reader, NativeView pinned) throws HostException {
      assertThat(pinned.info().txid()).isPositive();
      throw new HostException(SqliteCode.IOERR, "no other plan for " + pinned.info().txid(), null);
    }

    @Override
    public void refresh(Reader reader, Duration maxStale) {
      assertThat(maxStale).isZero();
      refreshes.incrementAndGet();
    }

    @Override
    public Travel travel(Reader reader, TravelBy by, String text) {
      return new Travel(null, TIME);
    }

    @Override
    public void history(
        Reader reader, long beforeTxid, int max, boolean pages, Consumer<HistoryRow> rows) {}

    @Override
    public long lag() {
      return 0;
    }

    @Override
    public long lookAge() {
      return 0;
    }

    @Override
    public String stats() {
      return "{}";
    }

    @Override
    public void closed() {}
  }

  private static byte[] ltx(int commit, long min, long max, int... pgnos) {
    SortedMap<Integer, byte[]> pages = new TreeMap<>();
    for (int pgno : pgnos) {
      pages.put(pgno, page(pgno, max));
    }
    return LtxWriter.file(
        PageEncoding.BLOCK,
        LtxHeader.of(PAGE, commit, min, max, TIME.toEpochMilli()).withWal(32, 4120, 7, -8),
        pages);
  }

  private static byte[] page(int pgno, long txid) {
    byte[] page = new byte[PAGE];
    new SplittableRandom(pgno * 1000L + txid).nextBytes(page);
    if (pgno == 1) {
      byte[] magic = "SQLite format 3\0".getBytes(US_ASCII);
      ByteBuffer.wrap(page).put(magic).putShort((short) PAGE).putInt(40, 77);
    }
    return page;
  }

  private FileSpec spec(long id, byte[] bytes, int level, long min, long max) {
    return new FileSpec(id, new LtxName(level, min, max), bytes.length, "test object " + id);
  }

  private NativeFile loaded(long id, int commit, long min, long max, int... pgnos)
      throws NativeException {
    byte[] bytes = ltx(commit, min, max, pgnos);
    objects.put(id, bytes);
    return db.load(spec(id, bytes, min == max && min > 1 ? 0 : 9, min, max), bytes);
  }

  @Test
  void bindingAgainIsNothingAndAnotherFileIsRefused() throws Exception {
    NativeCore.bind(Litestream.loadablePath());
    assertThatThrownBy(() -> NativeCore.bind(Path.of("/other.so")))
        .isInstanceOf(NativeException.class)
        .hasMessageContaining("/other.so");
  }

  @Test
  void aHeaderIsDecoded() throws NativeException {
    FileInfo info = NativeCore.decodeHeader(ltx(3, 1, 4, 1, 2, 3), "x");
    assertThat(info.minTxid()).isEqualTo(1);
    assertThat(info.maxTxid()).isEqualTo(4);
    assertThat(info.timestamp()).isEqualTo(TIME);
    assertThat(info.walOffset()).isEqualTo(32);
    assertThat(info.walSize()).isEqualTo(4120);
    assertThat(info.walSalt1()).isEqualTo(7);
    assertThat(info.walSalt2()).isEqualTo(-8);
    assertThat(info.pageSize()).isEqualTo(PAGE);
    assertThat(info.commit()).isEqualTo(3);
  }

  @Test
  void aDamagedHeaderNamesTheObject() {
    for (byte[] bytes : List.of(new byte[0], new byte[99], new byte[100])) {
      assertThatThrownBy(() -> NativeCore.decodeHeader(bytes, "s3://b/x.ltx"))
          .isInstanceOfSatisfying(
              NativeException.class, e -> assertThat(e.code()).isEqualTo(SqliteCode.CORRUPT))
          .hasMessageStartingWith("s3://b/x.ltx: ");
    }
  }

  @Test
  void aFileTellsWhatItIs() throws NativeException {
    try (NativeFile file = loaded(5, 3, 1, 4, 1, 2, 3)) {
      FileInfo info = file.info();
      assertThat(info.fileId()).isEqualTo(5);
      assertThat(info.level()).isEqualTo(9);
      assertThat(info.pages()).isEqualTo(3);
      assertThat(info.cookie()).isEqualTo(77);
      assertThat(info.full()).isTrue();
      assertThat(info.blocks()).isTrue();
      assertThat(info.hasPage1()).isTrue();
      assertThat(info.verified()).isTrue();
    }
  }

  @Test
  void bytesThatAreNotTheFileAreRefused() {
    byte[] bytes = ltx(3, 1, 4, 1, 2, 3);
    byte[] damaged = bytes.clone();
    damaged[200] ^= 1;
    assertThatThrownBy(() -> db.load(spec(1, damaged, 9, 1, 4), damaged))
        .isInstanceOf(NativeException.class)
        .hasMessageContaining("test object 1");
    assertThatThrownBy(() -> db.load(spec(1, bytes, 9, 1, 4), Arrays.copyOf(bytes, 150)))
        .isInstanceOf(NativeException.class)
        .hasMessageContaining("expected " + bytes.length + " bytes, found 150");
    assertThatThrownBy(() -> db.load(spec(1, bytes, 9, 1, 5), bytes))
        .isInstanceOf(NativeException.class);
  }

  @Test
  void viewsAreBuiltAppliedPublishedAndRead() throws NativeException {
    try (NativeFile base = loaded(1, 3, 1, 4, 1, 2, 3);
        NativeFile next = loaded(2, 3, 5, 5, 2);
        NativeView first = db.build(List.of(base));
        NativeView second = db.apply(first, next);
        NativeReader reader = db.reader()) {
      assertThat(db.latest()).isNull();
      assertThat(reader.pin()).isEqualTo(SqliteCode.CANTOPEN);
      assertThat(reader.error()).isNotEmpty();
      assertThat(reader.view()).isNull();
      assertThat(reader.info()).isNull();

      db.publish(first);
      assertThat(reader.pin()).isEqualTo(SqliteCode.OK);
      db.publish(second);
      assertThat(read(reader, 2)).isEqualTo(page(2, 4));
      assertThat(Objects.requireNonNull(reader.info()).txid()).isEqualTo(4);
      reader.unpin();
      assertThat(reader.pin()).isEqualTo(SqliteCode.OK);
      assertThat(read(reader, 2)).isEqualTo(page(2, 5));
      assertThat(read(reader, 3)).isEqualTo(page(3, 4));
      try (NativeView pinned = reader.view()) {
        ViewInfo info = Objects.requireNonNull(pinned).info();
        assertThat(info).isEqualTo(second.info()).isEqualTo(reader.info());
        assertThat(info.state()).isNotEqualTo(first.info().state());
        assertThat(info.timestamp()).isEqualTo(TIME);
        assertThat(info.commit()).isEqualTo(3);
        assertThat(info.holes()).isZero();
        assertThat(pinned.files()).containsExactly(2, 1);
      }
      assertThat(reader.read(new byte[PAGE], 3L * PAGE, PAGE))
          .isEqualTo(SqliteCode.IOERR_SHORT_READ);
      assertThat(reader.travel(first, TIME)).isEqualTo(SqliteCode.MISUSE);
      reader.unpin();
      assertThat(reader.travel(first, TIME)).isEqualTo(SqliteCode.OK);
      assertThat(reader.pin()).isEqualTo(SqliteCode.OK);
      assertThat(read(reader, 2)).isEqualTo(page(2, 4));
    }
  }

  private static byte[] read(NativeReader reader, int pgno) {
    byte[] page = new byte[PAGE];
    assertThat(reader.read(page, (pgno - 1L) * PAGE, PAGE)).as(reader.error()).isZero();
    return page;
  }

  @Test
  void pagesOfAFileFromItsEndsAreFetched() throws NativeException {
    byte[] bytes = ltx(3, 1, 4, 1, 2, 3);
    objects.put(9L, bytes);
    byte[] suffix = Arrays.copyOfRange(bytes, bytes.length - 100, bytes.length);
    byte[] prefix = Arrays.copyOf(bytes, bytes.length - 100);
    try (NativeFile file = db.open(spec(9, bytes, 9, 1, 4), prefix, suffix);
        NativeView view = db.build(List.of(file));
        NativeReader reader = db.reader()) {
      assertThat(file.info().verified()).isFalse();
      db.publish(view);
      assertThat(reader.pin()).isEqualTo(SqliteCode.OK);
      assertThat(read(reader, 3)).isEqualTo(page(3, 4));
      assertThat(fetches).hasPositiveValue();
    }
  }

  @Test
  void aScanHasItsPagesBroughtAhead() throws NativeException {
    int pages = 4000; // of random bytes: two megabytes
    byte[] bytes = ltx(pages, 1, 4, IntStream.rangeClosed(1, pages).toArray());
    objects.put(9L, bytes);
    byte[] prefix = Arrays.copyOf(bytes, 1000);
    byte[] suffix = Arrays.copyOfRange(bytes, bytes.length - 100_000, bytes.length);
    try (NativeFile file = db.open(spec(9, bytes, 9, 1, 4), prefix, suffix);
        NativeView view = db.build(List.of(file));
        NativeReader reader = db.reader()) {
      db.publish(view);
      assertThat(reader.pin()).isEqualTo(SqliteCode.OK);
      for (int pgno = 2; pgno <= pages; pgno++) {
        assertThat(read(reader, pgno)).isEqualTo(page(pgno, 4));
      }
      assertThat(fetches).hasValueLessThan(4);
      assertThat(aheads).hasPositiveValue().hasValueLessThan(15);
      assertThatThrownBy(() -> file.offer(1, 7, bytes))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anObjectThatIsGoneIsPlannedAroundOrNamed() throws NativeException {
    byte[] bytes = ltx(3, 1, 4, 1, 2, 3);
    byte[] suffix = Arrays.copyOfRange(bytes, bytes.length - 100, bytes.length);
    byte[] prefix = Arrays.copyOf(bytes, bytes.length - 100);
    try (NativeFile file = db.open(spec(9, bytes, 9, 1, 4), prefix, suffix);
        NativeView view = db.build(List.of(file));
        NativeReader reader = db.reader()) {
      db.publish(view);
      assertThat(reader.pin()).isEqualTo(SqliteCode.OK);
      assertThat(reader.read(new byte[PAGE], 2L * PAGE, PAGE) & 0xff).isEqualTo(SqliteCode.IOERR);
      assertThat(reader.error()).contains("no other plan for 4");
    }
  }

  @Test
  void aRebuiltStateTakesOverItsNumber() throws NativeException {
    try (NativeFile base = loaded(1, 3, 1, 4, 1, 2, 3);
        NativeFile next = loaded(2, 3, 5, 5, 2);
        NativeView first = db.build(List.of(base));
        NativeView again = db.build(List.of(base));
        NativeView other = db.build(List.of(base, next))) {
      assertThat(again.info().state()).isNotEqualTo(first.info().state());
      again.sameAs(first);
      assertThat(again.info()).isEqualTo(first.info());
      assertThatThrownBy(() -> other.sameAs(first))
          .isInstanceOfSatisfying(
              NativeException.class, e -> assertThat(e.code()).isEqualTo(SqliteCode.MISMATCH));
    }
  }

  @Test
  void aPausedDbAsksForNewsAndActivityIsToldOnce() throws NativeException {
    try (NativeFile base = loaded(1, 3, 1, 4, 1, 2, 3);
        NativeView view = db.build(List.of(base));
        NativeReader reader = db.reader()) {
      db.publish(view);
      assertThat(db.active()).isFalse();
      assertThat(reader.pin()).isZero();
      reader.unpin();
      assertThat(db.active()).isTrue();
      assertThat(db.active()).isFalse();
      assertThat(refreshes).hasValue(0);
      db.pause(true);
      assertThat(reader.pin()).isZero();
      assertThat(refreshes).hasValue(1);
    }
  }

  @Test
  void filesWithoutAViewAreReapedOnce() throws NativeException {
    long[] ids = new long[150];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i + 1;
      loaded(ids[i], 3, 1, 4, 1, 2, 3).close();
    }
    assertThat(db.reap()).containsExactlyInAnyOrder(ids);
    assertThat(db.reap()).isEmpty();
  }

  @Test
  void closingTwiceIsHarmlessAndUseAfterwardsThrows() throws NativeException {
    NativeFile file = loaded(1, 3, 1, 4, 1, 2, 3);
    NativeView view = db.build(List.of(file));
    NativeView shared = view.share();
    NativeReader reader = db.reader();
    for (AutoCloseable handle : List.of(file, view, reader)) {
      assertThat(handle).isInstanceOf(Handle.class);
      ((Handle) handle).close();
      ((Handle) handle).close();
    }
    assertThat(file.info().fileId()).isEqualTo(1);
    assertThat(shared.info().txid()).isEqualTo(4);
    shared.close();
    assertThatThrownBy(shared::info).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(reader::pin).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> db.build(List.of(file))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theCacheKeepsToItsLimit() throws NativeException {
    long limit = NativeCore.stats().cacheLimit();
    try (NativeFile base = loaded(1, 3, 1, 4, 1, 2, 3)) {
      assertThat(NativeCore.stats().cacheBytes()).isPositive();
      assertThat(base.info().pages()).isEqualTo(3);
      NativeCore.cacheLimit(0);
      assertThat(NativeCore.stats().cacheBytes()).isZero();
    } finally {
      NativeCore.cacheLimit(limit);
    }
    assertThatThrownBy(() -> NativeCore.cacheLimit(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package io.litestream.jdbc.conformance;

import io.litestream.testkit.fixture.RowDigest;
import io.litestream.testkit.ltx.LtxHeader;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxWriter;
import io.litestream.testkit.ltx.PageEncoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real database whose every change becomes an LTX file in a directory, as Litestream would write
 * it. Compaction, snapshots and retention happen when a test says so. Not thread-safe.
 */
final class SqlitePrimary implements AutoCloseable {

  private static final int WAL_HEADER = 32;
  private static final int WAL_FRAME_HEADER = 24;

  /** Where page 1 names its journal modes: a primary is in WAL mode. */
  private static final int VERSIONS = 18;

  /**
   * What a TXID made of the database.
   *
   * @param changed the pages that it wrote
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record State(byte[] image, int pageSize, Instant at, SortedMap<Integer, byte[]> changed) {
    int commit() {
      return image.length / pageSize;
    }
  }

  private final Path replica;
  private final Path file;
  private final Path copy;
  private final NavigableMap<Long, State> states = new TreeMap<>();
  private final List<Runnable> held = new ArrayList<>();
  private boolean holding;
  private boolean full = true;
  private Instant clock = Instant.now().truncatedTo(ChronoUnit.MILLIS).minus(Duration.ofHours(1));
  private int salt = 1;
  private long walOffset = WAL_HEADER;
  private Connection db;

  SqlitePrimary(Path work, int pageSize) throws IOException, SQLException {
    replica = Files.createDirectories(work.resolve("replica"));
    file = work.resolve("primary.db");
    copy = work.resolve("copy.db");
    db = connect();
    Sql.run(db, "PRAGMA page_size=" + pageSize);
  }

  private Connection connect() throws SQLException {
    Connection connection = Sql.plain(file);
    Sql.run(connection, "PRAGMA synchronous=OFF");
    return connection;
  }

  /** What {@code replica_url} names. */
  Path replica() {
    return replica;
  }

  long txid() {
    return states.isEmpty() ? 0 : states.lastKey();
  }

  private State state(long txid) {
    return Objects.requireNonNull(states.get(txid), () -> "there is no TXID " + txid);
  }

  /** When a TXID's transaction was synced. */
  Instant time(long txid) {
    return state(txid).at();
  }

  /** The digest of a TXID's rows. */
  String digest(long txid) throws IOException, SQLException {
    Files.write(copy, state(txid).image());
    try (Connection plain = Sql.plain(copy)) {
      return RowDigest.of(plain).sha256();
    }
  }

  /** One transaction, and its L0 file. */
  long run(String... statements) throws IOException, SQLException {
    db.setAutoCommit(false);
    Sql.run(db, statements);
    db.commit();
    db.setAutoCommit(true);
    return sync();
  }

  /** The same for what cannot run in a transaction, such as VACUUM. */
  long maintain(String... statements) throws IOException, SQLException {
    Sql.run(db, statements);
    return sync();
  }

  private long sync() throws IOException {
    byte[] image = Files.readAllBytes(file);
    int coded = ByteBuffer.wrap(image).getShort(16) & 0xffff;
    int pageSize = coded == 1 ? 65536 : coded;
    @Nullable State last = states.isEmpty() ? null : state(txid());
    boolean whole = full || last == null || last.pageSize() != pageSize;
    byte[] old = whole || last == null ? new byte[0] : last.image();
    SortedMap<Integer, byte[]> changed = new TreeMap<>();
    for (int pgno = 1; pgno <= image.length / pageSize; pgno++) {
      byte[] page = Arrays.copyOfRange(image, (pgno - 1) * pageSize, pgno * pageSize);
      if (changed(old, pgno, page)) {
        changed.put(pgno, walPage(pgno, page));
      }
    }
    clock = clock.plusSeconds(1);
    long txid = txid() + 1;
    State state = new State(image, pageSize, clock, changed);
    states.put(txid, state);
    if (whole) {
      restartWal();
    }
    long walSize = (long) changed.size() * (pageSize + WAL_FRAME_HEADER);
    LtxHeader header = header(txid, txid).withWal(walOffset, walSize, salt, ~salt);
    walOffset += walSize;
    full = false;
    write(new LtxKey(0, txid, txid), LtxWriter.file(PageEncoding.BLOCK, header, changed));
    return txid;
  }

  private static boolean changed(byte[] old, int pgno, byte[] page) {
    int from = (pgno - 1) * page.length;
    return from >= old.length
        || !Arrays.equals(old, from, from + page.length, page, 0, page.length);
  }

  private static byte[] walPage(int pgno, byte[] page) {
    if (pgno == 1) {
      page[VERSIONS] = 2;
      page[VERSIONS + 1] = 2;
    }
    return page;
  }

  private void restartWal() {
    salt++;
    walOffset = WAL_HEADER;
  }

  private LtxHeader header(long min, long max) {
    State state = state(max);
    return LtxHeader.of(state.pageSize(), state.commit(), min, max, state.at().toEpochMilli());
  }

  /** The TXIDs of a range in one file of a level. */
  LtxKey compact(int level, long min, long max) {
    SortedMap<Integer, byte[]> pages = new TreeMap<>();
    for (long txid = min; txid <= max; txid++) {
      pages.putAll(state(txid).changed());
    }
    SortedMap<Integer, byte[]> kept = pages.headMap(state(max).commit() + 1);
    LtxKey key = new LtxKey(level, min, max);
    write(key, LtxWriter.file(PageEncoding.BLOCK, header(min, max), kept));
    return key;
  }

  /** A level-9 file of the newest state. */
  LtxKey snapshot() {
    return compact(LtxKey.SNAPSHOTS, 1, txid());
  }

  /** Retention: deletes a level's files up to a TXID. */
  void retain(int level, long beyond) {
    later(
        () -> {
          for (Path path : files()) {
            LtxKey key = LtxKey.parse(path.toString()).orElseThrow();
            if (key.level() == level && key.maxTxid() <= beyond) {
              delete(path);
            }
          }
        });
  }

  /** Deletes one file. */
  void lose(LtxKey key) {
    later(() -> delete(path(key)));
  }

  /**
   * Another database in the same place: the old files are gone, and the next transaction is TXID 1.
   */
  void reset(int pageSize) throws IOException, SQLException {
    db.close();
    Files.delete(file);
    states.clear();
    db = connect();
    Sql.run(db, "PRAGMA page_size=" + pageSize);
    full = true;
    later(() -> files().forEach(SqlitePrimary::delete));
  }

  /** The primary is restored to an older state; the next transaction is a full copy. */
  void rewind(long txid) throws IOException, SQLException {
    db.close();
    Files.write(file, state(txid).image());
    db = connect();
    full = true;
  }

  /** From now on the replica stands still, until {@link #release}. */
  void hold() {
    holding = true;
  }

  /** Everything since {@link #hold} reaches the replica, in its order. */
  void release() {
    holding = false;
    held.forEach(Runnable::run);
    held.clear();
  }

  private void later(Runnable change) {
    if (holding) {
      held.add(change);
    } else {
      change.run();
    }
  }

  private void write(LtxKey key, byte[] bytes) {
    Path target = path(key);
    FileTime time = FileTime.from(state(key.maxTxid()).at());
    later(
        () -> {
          try {
            Files.createDirectories(target.getParent());
            Path whole = Files.write(target.resolveSibling(target.getFileName() + ".tmp"), bytes);
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
            Files.setLastModifiedTime(target, time);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Where a file of the replica is. */
  Path path(LtxKey key) {
    return replica.resolve(key.path(LtxKey.Layout.FILE));
  }

  /** All files of the replica. */
  List<Path> files() {
    try (Stream<Path> all = Files.walk(replica)) {
      return all.filter(path -> path.toString().endsWith(".ltx")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws SQLException {
    db.close();
  }
}

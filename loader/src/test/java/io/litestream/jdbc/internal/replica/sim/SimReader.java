package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.NativeReader;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.internal.replica.sim.Oracle.Seen;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.PageEncoding;
import io.litestream.testkit.ltx.RestorePlan;
import io.litestream.testkit.model.State;
import io.litestream.testkit.model.StoredObject;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One connection: begins transactions, reads, and lets the oracle judge what it reads. */
final class SimReader {

  private final SimProcess process;
  private final Surroundings around;
  private final Oracle oracle;
  private final NativeReader reader;
  private byte[] buffer = new byte[4096];
  private boolean pinned;
  private boolean busy;
  private long target; // the state number of the time view, 0 in the present
  private @Nullable ViewInfo info;
  private @Nullable Seen seen;

  SimReader(SimProcess process, Surroundings around, Oracle oracle) {
    this.process = process;
    this.around = around;
    this.oracle = oracle;
    try {
      this.reader = process.db().reader();
    } catch (NativeException e) {
      throw new SimFailure(Kind.UNEXPECTED, "no reader", e);
    }
  }

  boolean pinned() {
    return pinned;
  }

  /** Whether another thread is about to use it. */
  boolean busy() {
    return busy;
  }

  void busy(boolean is) {
    busy = is;
  }

  boolean travelling() {
    return target != 0;
  }

  /** The state of the running transaction, once a page of it has been read. */
  @Nullable State state() {
    Seen s = seen;
    return s == null ? null : s.state;
  }

  ViewInfo info() {
    return Objects.requireNonNull(info);
  }

  /** Begins a transaction. False when its first page could not be read; then it is over. */
  boolean pin() {
    int code = reader.pin();
    if (code != SqliteCode.OK) {
      throw new SimFailure(Kind.UNEXPECTED, "pin gives " + code + ": " + reader.error());
    }
    pinned = true;
    State before = process.highest();
    ViewInfo now = Objects.requireNonNull(reader.info());
    info = now;
    if (target != 0 && now.state() != target) {
      throw new SimFailure(Kind.REPORT, "travelled to state " + target + ", told " + now);
    }
    Seen known = oracle.known(now);
    if (known == null) {
      int size = now.pageSize();
      int pgno = 1 + around.random.nextInt((int) now.commit());
      if (!get((long) (pgno - 1) * size, size)) {
        unpin();
        return false;
      }
      known = oracle.meet(now, pgno, buffer, process.store.ahead());
    }
    seen = known;
    if (target == 0) {
      process.sees(known.state, before);
    }
    return true;
  }

  /** Ends the transaction. */
  void unpin() {
    checkReport();
    reader.unpin();
    pinned = false;
    seen = null;
  }

  /** What is told of a pinned state does not change, but for the files that it rests on. */
  private void checkReport() {
    ViewInfo before = info();
    ViewInfo now = Objects.requireNonNull(reader.info());
    if (before.state() != now.state()
        || before.txid() != now.txid()
        || before.commit() != now.commit()
        || before.cookie() != now.cookie()
        || before.pageSize() != now.pageSize()) {
      throw new SimFailure(Kind.REPORT, "pinned " + before + ", then told " + now);
    }
  }

  /** Reads what is drawn of the pinned view. False when that failed, for a reason that counts. */
  boolean readSome() {
    SplittableRandom random = around.random;
    int size = info().pageSize();
    long end = info().commit() * size;
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> {
        return read(0, (int) end);
      }
      case 3 -> {
        for (int i = random.nextInt(3); i >= 0; i--) {
          long offset = random.nextLong(end);
          if (!read(offset, 1 + random.nextInt(3 * size))) {
            return false;
          }
        }
        return true;
      }
      case 4 -> {
        return read(random.nextInt(100), 1 + random.nextInt(100));
      }
      default -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          if (!read(random.nextLong(info().commit()) * size, size)) {
            return false;
          }
        }
        return true;
      }
    }
  }

  /** One short transaction. The state that it saw, null when it could not read. */
  @Nullable State look() {
    if (!pin()) {
      return null;
    }
    State state = state();
    boolean read = readSome();
    unpin();
    return read ? state : null;
  }

  /** Reads the whole pinned view. */
  boolean readAll() {
    return read(0, (int) (info().commit() * info().pageSize()));
  }

  private boolean read(long offset, int length) {
    if (!get(offset, length)) {
      return false;
    }
    long end = info().commit() * info().pageSize();
    int there = (int) Math.min(length, Math.max(0, end - offset));
    Seen s = Objects.requireNonNull(seen);
    oracle.compare(s, info(), buffer, offset, there, process.store.ahead());
    for (int i = there; i < length; i++) {
      if (buffer[i] != 0) {
        throw new SimFailure(Kind.SIZE, "not zero beyond the end of " + info());
      }
    }
    return true;
  }

  /** Fills the buffer. False when that failed, for a reason that counts. */
  private boolean get(long offset, int length) {
    checkReport();
    if (buffer.length < length) {
      buffer = new byte[length];
    }
    int code = reader.read(buffer, offset, length);
    if (good(code, offset, length)) {
      return true;
    }
    String text = reader.error();
    around.say(() -> "read of TXID " + info().txid() + " gives " + code + ": " + text);
    if (code == SqliteCode.CORRUPT || code == SqliteCode.IOERR_SHORT_READ) {
      refuse(code, text);
    }
    if (text.isEmpty()) {
      throw new SimFailure(Kind.UNREADABLE, "code " + code + " without a text");
    }
    if (around.still(() -> retry(offset, length))) {
      return true;
    }
    around.counters.givenUp++;
    return false;
  }

  private boolean good(int code, long offset, int length) {
    boolean past = offset + length > info().commit() * info().pageSize();
    return code == (past ? SqliteCode.IOERR_SHORT_READ : SqliteCode.OK);
  }

  /** A hole is damage, unless the state rests on a snapshot that is ahead of its name. */
  private void refuse(int code, String text) {
    boolean explained =
        process.store.ahead().stream().anyMatch(a -> a.key().maxTxid() <= info().txid());
    if (!explained) {
      throw new SimFailure(Kind.UNREADABLE, "code " + code + " for " + info() + ": " + text);
    }
  }

  /** The same read while nothing moves and nothing fails: it must succeed if it can. */
  private boolean retry(long offset, int length) {
    int code = reader.read(buffer, offset, length);
    if (good(code, offset, length)) {
      return true;
    }
    if (code == SqliteCode.CORRUPT) {
      return false; // refuse has let it pass
    }
    String text = reader.error();
    Seen s = seen;
    if (s != null && canBeHad(s.state)) {
      throw new SimFailure(
          Kind.GIVEN_UP,
          s.state + " can still be had by" + restsOn() + ", but " + code + ": " + text);
    }
    if (!text.contains("can no longer be read")) {
      throw new SimFailure(Kind.UNREADABLE, "code " + code + " is not clear: " + text);
    }
    return false;
  }

  /** By files that are exact beyond doubt, with evidence of the lineage. */
  private boolean canBeHad(State state) {
    if (!around.primary.writable() || state.lineage() != around.primary.history().lineage()) {
      return false;
    }
    if (RestorePlan.at(exact(around.primary.store().list()), state.txid()).isEmpty()) {
      return false;
    }
    try (NativeView view = reader.view()) {
      return view != null && process.restsOnLiving(view);
    }
  }

  /** The files that cannot hold later states than their names say. */
  static List<StoredObject> exact(List<StoredObject> files) {
    return files.stream()
        .filter(
            o ->
                o.key().level() != LtxKey.SNAPSHOTS
                    || o.encoding() == PageEncoding.BLOCK
                    || o.encoding() == PageEncoding.STORED_BLOCK)
        .toList();
  }

  private String restsOn() {
    try (NativeView view = Objects.requireNonNull(reader.view())) {
      return process.describe(view);
    }
  }

  /** Goes to a view of the past (borrowed). */
  void travel(NativeView view, Instant at) {
    check(reader.travel(view, at));
    target = view.info().state();
  }

  /** Comes back to the present. */
  void comeBack() {
    check(reader.travel(null, Instant.EPOCH));
    target = 0;
  }

  private static void check(int code) {
    if (code != SqliteCode.OK) {
      throw new SimFailure(Kind.UNEXPECTED, "travel gives " + code);
    }
  }

  void close() {
    reader.close();
  }
}

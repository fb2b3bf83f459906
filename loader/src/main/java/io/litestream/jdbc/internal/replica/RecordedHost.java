package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.DbHost;
import io.litestream.jdbc.internal.ffi.FetchRange;
import io.litestream.jdbc.internal.ffi.HistoryRow;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.NativeFile;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.Range;
import io.litestream.jdbc.internal.ffi.Reader;
import io.litestream.jdbc.internal.ffi.Travel;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.obs.Outcome;
import io.litestream.jdbc.internal.obs.Recorder;
import io.litestream.jdbc.internal.obs.Span;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

/** A replica whose readers' waits are recorded. */
final class RecordedHost implements DbHost {

  private final Replica replica;

  RecordedHost(Replica replica) {
    this.replica = replica;
  }

  @Override
  public void fetch(Reader reader, long fileId, FetchRange range, ByteBuffer target)
      throws HostException {
    Span span =
        Recorder.RECORDER.pageFetch(
            replica.place(), replica.file(fileId), range.offset(), range.length());
    try {
      replica.fetch(reader, fileId, range, target);
      span.end(Outcome.OK, target.position());
    } catch (HostException | RuntimeException | Error e) {
      span.end(Outcome.of(e), 0);
      throw e;
    }
  }

  @Override
  public void locate(Reader reader, long fileId, Range index, Range frames, ByteBuffer target)
      throws HostException {
    Span span =
        Recorder.RECORDER.pageFetch(
            replica.place(), replica.file(fileId), index.offset(), index.length());
    try {
      replica.locate(reader, fileId, index, frames, target);
      span.end(Outcome.OK, target.position());
    } catch (HostException | RuntimeException | Error e) {
      span.end(Outcome.of(e), 0);
      throw e;
    }
  }

  @Override
  public void taken(long fileId, long offset, int length) {
    replica.taken(fileId, offset, length);
  }

  @Override
  public Travel travel(Reader reader, TravelBy by, String text) throws HostException {
    Span span = Recorder.RECORDER.travel(replica.place(), text);
    try {
      Travel travel = replica.travel(reader, by, text);
      NativeView view = travel.view();
      span.end(Outcome.OK, view == null ? 0 : view.info().txid());
      return travel;
    } catch (HostException | RuntimeException | Error e) {
      span.end(Outcome.of(e), 0);
      throw e;
    }
  }

  @Override
  public boolean ahead(NativeFile file, long fileId, int ordinal, long offset, int length) {
    return replica.ahead(file, fileId, ordinal, offset, length);
  }

  @Override
  public NativeView replan(Reader reader, NativeView pinned) throws HostException {
    return replica.replan(reader, pinned);
  }

  @Override
  public void refresh(Reader reader, Duration maxStale) throws HostException {
    replica.refresh(reader, maxStale);
  }

  @Override
  public void history(
      Reader reader, long beforeTxid, int max, boolean pages, Consumer<HistoryRow> rows)
      throws HostException {
    replica.history(reader, beforeTxid, max, pages, rows);
  }

  @Override
  public long lag() {
    return replica.lag();
  }

  @Override
  public long lookAge() {
    return replica.lookAge();
  }

  @Override
  public String stats() {
    return replica.stats();
  }

  @Override
  public void closed() {
    replica.closed();
  }
}

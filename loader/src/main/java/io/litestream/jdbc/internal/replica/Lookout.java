package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.obs.Outcome;
import io.litestream.jdbc.internal.obs.Recorder;
import io.litestream.jdbc.internal.obs.Span;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a replica's store, when it is time and when somebody asks, and tells the news.
 *
 * <p>Thread-safe: one thread at a time looks, the others wait for it or use what it found.
 */
final class Lookout {

  /** The longest pause before another attempt to open, which has little time. */
  private static final Duration OPEN_PAUSE = Duration.ofMillis(500);

  private final Core core;
  private final Follower follower;
  private final News news;
  private final Duration interval;
  private final Looks looks;

  /**
   * @param turn held by whoever looks
   * @param interval between two looks
   */
  Lookout(Core core, Follower follower, News news, ReentrantLock turn, Duration interval) {
    this.core = core;
    this.follower = follower;
    this.news = news;
    this.interval = interval;
    this.looks = new Looks(core.world(), turn, interval);
  }

  /**
   * Waits until a first state is published.
   *
   * @throws ReplicaException when the time is over and there is still nothing to open
   * @throws StoreException when the store refuses, or does not answer in time
   */
  void open(Duration limit) throws StoreException, ReplicaException {
    Span span = Recorder.RECORDER.open(core.store().describe());
    try {
      awaitFirst(limit);
      span.end(Outcome.OK, newestTxid());
    } catch (StoreException | ReplicaException | RuntimeException | Error e) {
      span.end(Outcome.of(e), 0);
      throw e;
    }
  }

  /** 0 before the first state. */
  private long newestTxid() {
    try (NativeView newest = core.db().latest()) {
      return newest == null ? 0 : newest.info().txid();
    }
  }

  private void awaitFirst(Duration limit) throws StoreException, ReplicaException {
    World world = core.world();
    Instant deadline = world.now().plus(limit);
    while (true) {
      try {
        look();
        return;
      } catch (ReplicaException e) {
        if (e.kind() == ReplicaException.Kind.DAMAGED || !world.now().isBefore(deadline)) {
          throw e;
        }
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.TRANSIENT || !world.now().isBefore(deadline)) {
          throw e;
        }
      }
      Duration left = Duration.between(world.now(), deadline);
      world.pause(Collections.min(List.of(left, interval, OPEN_PAUSE)));
    }
  }

  /** One look at the store. Waits for another one that is under way. */
  void look() throws StoreException, ReplicaException {
    looks.now(this::lookOnce);
  }

  private void lookOnce() throws StoreException, ReplicaException {
    Span span = Recorder.RECORDER.refresh(core.store().describe());
    try {
      follower.poll();
      core.notices().looked();
      span.end(Outcome.OK, newestTxid());
    } catch (StoreException | ReplicaException | RuntimeException | Error e) {
      span.end(Outcome.of(e), newestTxid());
      throw e;
    } finally {
      News.Known newest = follower.newest();
      if (newest != null && !newest.equals(news.newest())) {
        news.tell(newest);
      }
    }
  }

  /** One look at the store whose failure is only noted. Returns whether it went well. */
  boolean lookQuietly() {
    try {
      look();
      return true;
    } catch (StoreException | ReplicaException e) {
      if (!(e instanceof ReplicaException r && r.kind() == ReplicaException.Kind.VANISHED)) {
        core.notices().failed("cannot look for news: " + e.getMessage(), e);
      }
    }
    return false;
  }

  /**
   * Looks, unless somebody has done so just now, well or not.
   *
   * @param maxStale as {@link Looks#justTried}
   */
  void lookUnlessFresh(Duration maxStale) throws StoreException, ReplicaException {
    if (!looks.justTried(maxStale)) {
      looks.once(false, this::lookQuietly);
    }
  }

  /**
   * Looks. One look serves all who ask at the same time, but none that was under way before does.
   */
  void lookNow() throws StoreException, ReplicaException {
    looks.once(true, this::look);
  }

  /** The end of the last successful look, null before the first. */
  @Nullable Instant lastSuccess() {
    return looks.lastSuccess();
  }
}

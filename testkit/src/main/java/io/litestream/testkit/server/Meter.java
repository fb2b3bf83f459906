package io.litestream.testkit.server;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Delays and counts the requests of a server, be it a stub or a proxy before a real one.
 * Thread-safe.
 */
public final class Meter {

  private final Queue<Answered> log = new ConcurrentLinkedQueue<>();
  private final Rounds rounds = new Rounds();
  private final AtomicInteger waits = new AtomicInteger();
  private volatile Duration delay = Duration.ZERO;
  private volatile Late late = Late.NONE;

  /** A tail of slow answers. */
  private record Late(int every, Duration by) {
    static final Late NONE = new Late(Integer.MAX_VALUE, Duration.ZERO);
  }

  Meter() {}

  /** What every request waits before it is answered. */
  public void delay(Duration everyRequest) {
    delay = everyRequest;
  }

  /** Has every so-manyth request from now on wait longer: a store with a tail of slow answers. */
  public void late(int every, Duration by) {
    waits.set(0);
    late = new Late(every, by);
  }

  /** The requests since the start or the last {@link #reset}, in the order of their answers. */
  public List<Answered> requests() {
    return List.copyOf(log);
  }

  /**
   * The longest chain of requests of which each came after the answer to the one before. Means
   * something with a delay only: without one, requests sent together come after each other's
   * answers.
   */
  public int depth() {
    return rounds.deepest();
  }

  /** Counts from zero; requests under way count as new ones. */
  public void reset() {
    log.clear();
    rounds.reset();
  }

  /** A request is there: its depth. */
  int arrived() {
    return rounds.arrived();
  }

  /** Lets a request wait. */
  void hold() throws InterruptedException {
    Late tail = late;
    boolean isLate = waits.incrementAndGet() % tail.every == 0;
    Thread.sleep(isLate ? delay.plus(tail.by) : delay);
  }

  /** The answer to a request is about to be sent. */
  void answering(Answered request) {
    log.add(request);
    rounds.answering(request.depth());
  }
}

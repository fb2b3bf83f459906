package io.litestream.testkit.server;

/**
 * Counts round trips that had to wait for each other: a request is one deeper than the deepest
 * whose answer had begun to go out when it arrived. With a delay well above what a client needs to
 * send its parallel requests, this is the longest chain, whatever the machine's speed. Thread-safe.
 */
final class Rounds {

  private int answered;
  private int deepest;

  synchronized int arrived() {
    int depth = answered + 1;
    deepest = Math.max(deepest, depth);
    return depth;
  }

  synchronized void answering(int depth) {
    answered = Math.max(answered, depth);
  }

  synchronized int deepest() {
    return deepest;
  }

  synchronized void reset() {
    answered = 0;
    deepest = 0;
  }
}

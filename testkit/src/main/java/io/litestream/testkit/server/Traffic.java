package io.litestream.testkit.server;

import java.util.Map;

/**
 * What went through a {@link FaultProxy}.
 *
 * @param requests by kind, those that a fault answered included; a kind without any is absent
 * @param toClient bytes of response bodies
 * @param toServer bytes of request bodies
 */
public record Traffic(Map<Request.Kind, Long> requests, long toClient, long toServer) {

  /** Requests of all kinds. */
  public long total() {
    return requests.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Requests of one kind. */
  public long count(Request.Kind kind) {
    return requests.getOrDefault(kind, 0L);
  }
}

package io.litestream.testkit.server;

import java.time.Duration;

/** What a {@link FaultProxy} does to a request. */
public sealed interface Fault {

  /** Nothing. */
  Fault NONE = new Delay(Duration.ZERO);

  /** 503 SlowDown. */
  Fault SLOW_DOWN = new Status(503, "SlowDown");

  /** Waits before the request is passed on. */
  record Delay(Duration time) implements Fault {}

  /** Answers with this status and S3 error code; the server never sees the request. */
  record Status(int status, String code) implements Fault {}

  /** Closes the connection by a reset, without an answer; the server never sees the request. */
  record Reset() implements Fault {}

  /** Passes on the first half of the response's body, then closes the connection. */
  record ShortBody() implements Fault {}

  /** Passes on the first half of the response's body, then nothing until the client gives up. */
  record Stall() implements Fault {}
}

package io.litestream.jdbc.internal.replica;

import java.time.Duration;
import java.util.Optional;

/**
 * How a replica is followed.
 *
 * @param pollInterval between two looks at the store while somebody reads; positive
 * @param openTimeout how long an open waits for a first state, and a time travel for its view;
 *     positive
 * @param requestTimeout how long one request to the store may take, retries included; positive
 * @param streamed whether all pages are brought into the page cache in the background, where they
 *     fit: from the open on, or never; empty for once it is in use
 */
public record ReplicaSettings(
    Duration pollInterval,
    Duration openTimeout,
    Duration requestTimeout,
    Optional<Boolean> streamed) {

  Streaming.When streaming() {
    return streamed
        .map(at -> at ? Streaming.When.AT_ONCE : Streaming.When.NEVER)
        .orElse(Streaming.When.IN_USE);
  }
}

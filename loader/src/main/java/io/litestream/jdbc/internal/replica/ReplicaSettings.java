package io.litestream.jdbc.internal.replica;

import java.time.Duration;

/**
 * How a replica is followed.
 *
 * @param pollInterval between two looks at the store while somebody reads; positive
 * @param openTimeout how long an open waits for a first state, and a time travel for its view;
 *     positive
 * @param requestTimeout how long one request to the store may take, retries included; positive
 */
public record ReplicaSettings(
    Duration pollInterval, Duration openTimeout, Duration requestTimeout) {}

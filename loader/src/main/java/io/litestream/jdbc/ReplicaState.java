package io.litestream.jdbc;

import java.time.Instant;

/**
 * A state of a replica that can be travelled to.
 *
 * @param txid Litestream's TXID, as {@code PRAGMA litestream_txid} shows it: 16 hex digits
 * @param time when the last of its transactions was synced. A travel to any later instant, up to
 *     and including the next state's time, shows it
 * @param level the level of the file that brings it: 0 for single syncs, 9 for a snapshot
 */
public record ReplicaState(String txid, Instant time, int level) {}

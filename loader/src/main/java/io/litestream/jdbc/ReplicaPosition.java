package io.litestream.jdbc;

import java.time.Duration;
import java.time.Instant;

/**
 * Where a connection stands.
 *
 * <p>{@code replicationLag} and {@code sinceLook} say different things. The first grows while the
 * primary writes nothing, is dead, or its store cannot be reached: it is the most that the replica
 * can be behind. The second grows only while the store cannot be reached, or nobody reads: when it
 * is small, the newest state in the store is known. Both compare clocks of two machines or two
 * times of this one, and are never negative.
 *
 * @param txid the state that the connection reads: in a transaction that of the transaction, else
 *     the one that the next transaction would read
 * @param commitTime when the last transaction of that state was synced, by the primary's clock
 * @param replicationLag from the sync of the newest state known, by the primary's clock, until now
 *     by this machine's
 * @param sinceLook since the last look at the store that went well
 * @param timeTravel whether it shows the past on demand, and does not follow
 */
public record ReplicaPosition(
    String txid,
    Instant commitTime,
    Duration replicationLag,
    Duration sinceLook,
    boolean timeTravel) {}

package io.litestream.jdbc.internal.ffi;

import java.time.Instant;

/**
 * A state that can be travelled to ({@code ls_history_row}).
 *
 * @param time when the last of its transactions was synced
 * @param level of the file that brings it
 * @param pages in that file, -1 where that was not asked for
 * @param bytes of that file
 */
public record HistoryRow(long txid, Instant time, int level, long pages, long bytes) {}

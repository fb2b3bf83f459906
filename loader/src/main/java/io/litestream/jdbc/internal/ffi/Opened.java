package io.litestream.jdbc.internal.ffi;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a connection that SQLite opens gets.
 *
 * @param db the caller takes a reference of its own; it must stay open until {@link DbHost#closed}
 *     has been called for this connection
 * @param home the state that the connection shows until it travels elsewhere, whose ownership
 *     passes to C; null: it follows the replica
 * @param at with a home: the instant that {@code PRAGMA litestream_time} shows for it
 * @param maxStale how old the last successful look may be when the connection reads the present;
 *     zero: any age
 * @param streamed whether all pages are brought into the page cache in the background, where they
 *     fit
 */
public record Opened(
    NativeDb db, @Nullable NativeView home, Instant at, Duration maxStale, boolean streamed) {}

package io.litestream.jdbc.internal.ffi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a travel leads.
 *
 * @param view the state, whose ownership passes to C; null for the present
 * @param target the instant as {@code PRAGMA litestream_time} shows it: the one asked for, or the
 *     commit time of the TXID asked for
 */
public record Travel(@Nullable NativeView view, Instant target) {}

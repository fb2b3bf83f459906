package io.litestream.jdbc.internal.ffi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A resolved time expression.
 *
 * @param view the state of that instant, whose ownership passes to C; null for the present
 * @param target the instant asked for, as {@code PRAGMA litestream_time} shows it
 */
public record Travel(@Nullable NativeView view, Instant target) {}

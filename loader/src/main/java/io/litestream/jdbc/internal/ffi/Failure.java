package io.litestream.jdbc.internal.ffi;

import org.jspecify.annotations.Nullable;

/**
 * What the core was last told, or found, to be wrong, on one thread.
 *
 * @param code one of {@link SqliteCode}
 * @param text as the user may see it
 * @param cause what the host threw; null for a data fault that C found
 */
public record Failure(int code, String text, @Nullable Throwable cause) {}

/**
 * The boundary to the C core: every call down ({@link io.litestream.jdbc.internal.ffi.NativeCore})
 * and every call up ({@link io.litestream.jdbc.internal.ffi.HostUpcalls}), and the handles of what
 * C owns.
 */
@NullMarked
package io.litestream.jdbc.internal.ffi;

import org.jspecify.annotations.NullMarked;

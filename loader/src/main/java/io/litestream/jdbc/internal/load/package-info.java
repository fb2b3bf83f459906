/** Finds the native library and gives it a file of its own. */
@NullMarked
package io.litestream.jdbc.internal.load;

import org.jspecify.annotations.NullMarked;

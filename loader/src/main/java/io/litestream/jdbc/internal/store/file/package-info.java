/** Replicas in a directory. */
@NullMarked
package io.litestream.jdbc.internal.store.file;

import org.jspecify.annotations.NullMarked;

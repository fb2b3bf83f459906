/** Replica URLs, and what all stores share: layouts, deadlines, retries. */
@NullMarked
package io.litestream.jdbc.internal.store;

import org.jspecify.annotations.NullMarked;

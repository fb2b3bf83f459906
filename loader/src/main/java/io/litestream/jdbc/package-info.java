/** Reads Litestream replicas through sqlite-jdbc. */
@NullMarked
package io.litestream.jdbc;

import org.jspecify.annotations.NullMarked;

/** The JDBC objects that a user of {@code jdbc:litestream:} sees, on top of sqlite-jdbc's. */
@NullMarked
package io.litestream.jdbc.internal.jdbc;

import org.jspecify.annotations.NullMarked;

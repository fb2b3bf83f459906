/** What a user sets: the parameters of a database URI, and their values. */
@NullMarked
package io.litestream.jdbc.internal.config;

import org.jspecify.annotations.NullMarked;

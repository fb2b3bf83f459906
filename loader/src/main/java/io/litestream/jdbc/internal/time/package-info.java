/** Time expressions: what users write where a replica is asked for its past. */
@NullMarked
package io.litestream.jdbc.internal.time;

import org.jspecify.annotations.NullMarked;

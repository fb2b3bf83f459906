/** What the library tells about itself: JFR events, and counts of requests. */
@NullMarked
package io.litestream.jdbc.internal.obs;

import org.jspecify.annotations.NullMarked;

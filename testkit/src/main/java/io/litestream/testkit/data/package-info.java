/** Data for measuring: one table in several sizes, and replicas of it in several shapes. */
@NullMarked
package io.litestream.testkit.data;

import org.jspecify.annotations.NullMarked;

/**
 * Metrics for Micrometer, for applications that have it ({@code io.micrometer:micrometer-core}).
 */
@NullMarked
package io.litestream.jdbc.micrometer;

import org.jspecify.annotations.NullMarked;

/** What each way to read a replica costs: requests, bytes, depth and time, side by side. */
@NullMarked
package io.litestream.benchmarks.compare;

import org.jspecify.annotations.NullMarked;

/** JMH benchmarks of page reads; README.md in the module has commands and results. */
@NullMarked
package io.litestream.benchmarks;

import org.jspecify.annotations.NullMarked;

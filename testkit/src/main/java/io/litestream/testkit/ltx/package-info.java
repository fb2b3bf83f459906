/**
 * LTX format version 3 for tests: a fast writer, a full verifier, and restoring a database by the
 * plan.
 */
@NullMarked
package io.litestream.testkit.ltx;

import org.jspecify.annotations.NullMarked;

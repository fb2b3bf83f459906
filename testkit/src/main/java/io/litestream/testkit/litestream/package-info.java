/** Running real Litestream releases. */
@NullMarked
package io.litestream.testkit.litestream;

import org.jspecify.annotations.NullMarked;

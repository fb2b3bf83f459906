/** Starts Maven on the projects in {@code consumers} and looks at what comes out. */
@NullMarked
package io.litestream.it;

import org.jspecify.annotations.NullMarked;

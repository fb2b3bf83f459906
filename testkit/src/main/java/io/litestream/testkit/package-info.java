/** What tests share: here, how a test says that something it needs is not there. */
@NullMarked
package io.litestream.testkit;

import org.jspecify.annotations.NullMarked;

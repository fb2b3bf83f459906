/** S3 servers for tests, and a proxy before them that counts, delays and breaks. */
@NullMarked
package io.litestream.testkit.server;

import org.jspecify.annotations.NullMarked;

/** Where replicas live: the service-provider interface for stores, and the names of LTX files. */
@NullMarked
package io.litestream.jdbc.store;

import org.jspecify.annotations.NullMarked;

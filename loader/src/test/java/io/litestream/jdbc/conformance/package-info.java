/** What users of sqlite-jdbc see of a replica, as SQL: the product's evidence from end to end. */
@NullMarked
package io.litestream.jdbc.conformance;

import org.jspecify.annotations.NullMarked;

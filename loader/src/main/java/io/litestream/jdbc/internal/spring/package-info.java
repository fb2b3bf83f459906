/** What Spring Boot must be told; used only where Spring Boot is. */
@NullMarked
package io.litestream.jdbc.internal.spring;

import org.jspecify.annotations.NullMarked;

/** What {@code java -jar litestream-jdbc.jar doctor} looks at. */
@NullMarked
package io.litestream.jdbc.internal.doctor;

import org.jspecify.annotations.NullMarked;

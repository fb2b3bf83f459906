/** Replicas in S3 that are read with a client or credentials of the application's own. */
@NullMarked
package io.litestream.jdbc.s3;

import org.jspecify.annotations.NullMarked;

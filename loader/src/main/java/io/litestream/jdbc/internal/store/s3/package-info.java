/** Replicas in S3 and what speaks its protocol. The only package that uses the AWS SDK. */
@NullMarked
package io.litestream.jdbc.internal.store.s3;

import org.jspecify.annotations.NullMarked;

package io.litestream.jdbc.internal.ffi;

import io.litestream.jdbc.store.LtxName;

/**
 * An LTX object as the C core is to know it.
 *
 * @param fileId the key that comes back in {@link DbHost#fetch}; never reused within a db
 * @param name level and TXIDs, which the file's header must repeat
 * @param size of the object, bytes
 * @param describe place and key for error texts, without secrets
 */
public record FileSpec(long fileId, LtxName name, long size, String describe) {}

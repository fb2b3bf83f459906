package io.litestream.jdbc.internal.ffi;

import java.time.Instant;

/**
 * One state of the database ({@code ls_view_info}).
 *
 * @param timestamp of the file that brought {@code txid}
 * @param pageSize bytes
 * @param commit pages in the database
 * @param state unique per distinct state in this process; the change counter that readers see
 * @param cookie the schema cookie that readers see
 * @param files number of files it rests on
 * @param holes pages up to commit that no file holds (the lock page aside)
 */
public record ViewInfo(
    long txid,
    Instant timestamp,
    int pageSize,
    long commit,
    long state,
    long cookie,
    int files,
    long holes) {}

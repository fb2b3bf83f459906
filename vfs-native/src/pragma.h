/*
** pragma.h - PRAGMA litestream_..., and PRAGMA locking_mode.
**
** They reach the VFS when the statement is *prepared*, through SQLITE_FCNTL_PRAGMA; stepping it does no more. Names are
** case-insensitive, as SQLite's own.
**
**     litestream_txid         16 hex digits: of the pinned state, else of the newest; = 'HEX' travels to that state
**     litestream_time         RFC 3339: the instant travelled to, else the state's; = 'TEXT' travels, = 'LATEST' returns
**     litestream_lag          whole seconds since the newest known commit, -1 before the first
**     litestream_look_age     milliseconds since the last successful look at the store, -1 before the first
**     litestream_stats        figures of core and host, as JSON
**     litestream_last_error   the text of the file's last failure, empty when there was none
**
** and for the Java side, whose format may change:
**
**     litestream_position     ls__vfile_position
**     litestream_session      LS_SESSION_* of the connection
**     litestream_reset        every replica of the connection goes home; no row
**     litestream_scope        remembers the target and gives a number; = 'NUMBER' returns to that target
**
**     locking_mode=EXCLUSIVE  refused: it would keep the state of its first read for ever
*/
#ifndef LS_PRAGMA_H
#define LS_PRAGMA_H

#include "vfile.h"

/* args: as SQLITE_FCNTL_PRAGMA has them. SQLITE_OK and a result or SQLITE_ERROR and a text in args[0], or
** SQLITE_NOTFOUND for a PRAGMA that is SQLite's own. */
int ls__pragma(ls_vfile *file, char **args);

#endif

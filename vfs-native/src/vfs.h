/*
** vfs.h - the VFS "litestream": SQLite's methods, and nothing behind them.
**
** Which name goes where (xOpen):
**   1. not a main database: temporary files, super-journals, statement journals go to the default VFS; the journal and
**      WAL of a replica do not exist (names.h)
**   2. a main database whose URI has neither vfs=litestream nor replica_url: a file in the failed state (vfile.h). On a
**      connection whose main database is a replica, ATTACH 'local.db' and VACUUM INTO 'out.db' come here too
**   3. else a replica, in the failed state as well when it cannot be opened
**
** Locks: SHARED pins a view, NONE releases it, more is SQLITE_READONLY. So all reads of a transaction see one state. What
** SQLite asks at the begin of each transaction (lock, journal, change counter, size) is answered without a system call.
*/
#ifndef LS_VFS_H
#define LS_VFS_H

#include "vfile.h"

/* Registers the VFS, not as default; idempotent under the caller's lock. SQLITE_OK, SQLITE_NOMEM, or SQLITE_MISUSE when
** another library has registered that name. */
int ls__vfs_register(void);

/* The replica's file, or NULL when `file` is of another VFS. */
ls_vfile *ls__vfs_file(sqlite3_file *file);

/* Looks at the main database of a connection that is just being opened: SQLITE_OK, also when it is no replica, or why it
** must not be used, with *text owned (sqlite3_free). */
int ls__vfs_check_main(sqlite3 *connection, char **text);

#endif

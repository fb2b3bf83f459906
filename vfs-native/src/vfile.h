/*
** vfile.h - one open database file as SQLite holds it: a reader, or the reason why there is none.
**
** A replica that cannot be opened, and a name that does not say it is one, still gets a file, in a failed state: were xOpen to fail, SQLite would show its stock
** text and, for ATTACH, the whole URI with its secrets. So the file opens, its header reads as empty (SQLite looks at it
** before any lock), and what comes after fails: the auto-extension with the text for a main database, xLock with
** SQLITE_CANTOPEN for an attached one.
**
** Files that SQLite opens without locking (immutable=1, nolock=1) would change under a statement. They are pinned by
** their first read or size, for the life of the connection.
**
** Threading: as a reader, one thread at a time.
*/
#ifndef LS_VFILE_H
#define LS_VFILE_H

#include "core.h"
#include "names.h"

typedef struct ls_vfile {
  sqlite3_file base; /* first: SQLite's view of it */
  ls_reader *reader; /* NULL: the replica could not be opened */
  ls_name *name;
  const char *journal, *wal; /* SQLite's own texts, noted in names.h */
  char *failure;             /* why, when it could not */
  int failure_code;
  sqlite3 **connection; /* from SQLITE_FCNTL_PDB: the connection that uses the file now */
  const sqlite3 *first; /* the connection that used it first */
  int lockless;         /* immutable=1 or nolock=1 */
  int shared;           /* several connections use it (cache=shared) */
  int streamed;         /* the host brings all pages in the background, where they fit */
  int stays;            /* session_time=keep: the end of a session does not detach it */
} ls_vfile;

#define LS_VFS_NAME "litestream"

/* `name` as xOpen gets it, with its URI parameters. SQLITE_OK, also for the failed state, or SQLITE_NOMEM. The file is
** zeroed memory before; pMethods is the caller's to set. default_vfs: what local files are opened with. */
int ls__vfile_open(ls_vfile *file, const char *name, const char *default_vfs);
void ls__vfile_close(ls_vfile *file);

/* A connection uses the file. */
void ls__vfile_used_by(ls_vfile *file, const sqlite3 *connection);
/* Notes the text of a failure for the connection and returns rc. */
int ls__vfile_noted(ls_vfile *file, int rc);
/* The last error text of the file, "" when none; borrowed. */
const char *ls__vfile_error(const ls_vfile *file);

/* `error` and, where the replica's follower has something to say, that: owned, sqlite3_free. NULL without memory. */
char *ls__vfile_last_error(const ls_vfile *file, const char *error);

/* The answers of the PRAGMAs and functions, for a file with a reader. text: LS_TIMETEXT_MAX bytes. */
void ls__vfile_txid(const ls_vfile *file, char *text);
void ls__vfile_time(const ls_vfile *file, char *text);
int64_t ls__vfile_lag(const ls_vfile *file);
int64_t ls__vfile_look_age(const ls_vfile *file);
/* How much of the newest state is in the page cache, in percent with one decimal, rounded down: "100.0" is all. "0" where it is
** not brought there in the background. */
void ls__vfile_hydration(const ls_vfile *file, char *text);
/* "<db id> <txid> <commit ms> <travelled: 1 or 0>", for the Java side. Owned, sqlite3_free; NULL without memory. */
char *ls__vfile_position(const ls_vfile *file);
/* The core's figures and the host's as one JSON object. Owned, sqlite3_free; NULL without memory. */
char *ls__vfile_stats(const ls_vfile *file);
/* Sets what the next pin takes (LS_TRAVEL_*): refused while a view is pinned. The time "LATEST" returns to the present. */
int ls__vfile_travel(ls_vfile *file, int32_t what, const char *text, char *err, uint32_t cap);

#endif

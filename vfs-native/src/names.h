/*
** names.h - the names of the replicas that are open, so that their side files never exist.
**
** A replica has no rollback journal, WAL or shared memory. But its name is only a label, and a file of that name may lie
** on disk beside a real database: its "-journal" would be taken for the replica's, found hot, and fail every read.
**
** SQLite asks for the journal and the WAL at the begin of each transaction, always with the same two pointers, which it
** made when it opened the database. So a file notes them, and a noted pointer is answered without a lock and without a
** look at the text. Any other is looked up among the names, which are spread over shards by hash.
**
** Threading: any function from any thread.
*/
#ifndef LS_NAMES_H
#define LS_NAMES_H

typedef struct ls_name ls_name;

/* Once, before all others; idempotent under the caller's lock. SQLITE_OK or SQLITE_NOMEM. */
int ls__names_init(void);

/* A name may be there several times. SQLITE_OK or SQLITE_NOMEM. */
int ls__name_add(const char *name, ls_name **out);
/* Accepts NULL. */
void ls__name_remove(ls_name *name);

/* Notes SQLite's own text of a side file's path, for as long as the database is open. Where there is no room for it,
** nothing is noted, and the answers are the same. NULL: nothing. */
void ls__name_note(const char *path);
void ls__name_unnote(const char *path);

/* Whether `path` is the -journal, -wal or -shm of an open replica. */
int ls__name_is_side_file(const char *path);

#endif

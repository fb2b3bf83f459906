/*
** db.h - one replica in this process: what its connections share.
**
** A db has its latest view, the list of its readers, and the ids of files that nobody uses any more. Two counts keep it:
** handles (Java's and the connections': ls_db_ref, ls_db_close) and references (files, readers and the handles together:
** ls__db_ref, ls__db_unref). With the last handle the latest view goes, and so, in the end, its files and the references
** that they hold; with the last reference the db is freed.
**
** Threading. Two mutexes, and no third is taken under either but the allocator's. Lock order: merge, then state.
**   merge   one merge at a time: lends ls_file.mark. May last milliseconds; readers never take it.
**   state   the latest view's pointer with its reference, the reader list, the reap queue, the notice. Held for a few
**           instructions.
** Neither is held while a view or file is released (that calls ls__db_file_gone) or while the host runs.
*/
#ifndef LS_DB_H
#define LS_DB_H

#include <stdatomic.h>

#include "litestream.h"

/* What the db knows of a reader; the first member of ls_reader. */
typedef struct ls_seat {
  struct ls_seat *next, **link;
  atomic_int active; /* it has pinned since ls_db_active last looked */
} ls_seat;

/* ls__db_ref, ls__db_unref and ls__db_file_gone are declared in file.h, which needs them. */

uint64_t ls__db_id(const ls_db *db);
const char *ls__db_label(const ls_db *db);

void ls__db_merge_enter(ls_db *db);
void ls__db_merge_leave(ls_db *db);

void ls__db_sit(ls_db *db, ls_seat *seat);
void ls__db_stand(ls_db *db, ls_seat *seat);

/* A copy of the standing notice, NULL without one (or without memory): owned, sqlite3_free. */
char *ls__db_notice(ls_db *db);

int ls__db_paused(const ls_db *db);
/* Brings *kept, a view that the caller has a reference on (or NULL), to the latest one, with the reference moved. Takes
** no lock when it is the latest already. *kept stays when there is no latest view: SQLITE_CANTOPEN. */
int ls__db_follow(ls_db *db, ls_view **kept);

#endif

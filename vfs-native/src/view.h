/*
** view.h - one immutable state of the database.
**
** A view is what one TXID's database looked like: page size, commit (its length in pages), TXID, time, and a page map.
** It is made by the merge rule (spec 3, 5.6) from files, once, and then only read, by any number of threads.
**
** Two numbers make SQLite see a change exactly when there is one. Both replace bytes of page 1, and both are counted by
** the process, never taken from the file:
**
**   state    the change counter. Every new state gets a fresh number. A re-pointing (the same TXID's pages, out of a
**            longer-lived file) and a re-plan to the same state (ls_view_same) keep theirs, so SQLite's own page cache
**            survives from one transaction to the next.
**   cookie   the schema cookie. The real one repeats: a primary that was reset, or restored to an older state and then
**            given other DDL, can show the same cookie for another schema, and SQLite would go on with the schema that it
**            has in memory and read the wrong table. So a new state keeps its predecessor's cookie only when its schema is
**            certain to be the same: the file that brought it
**              - has no page 1, or
**              - is level 0, min = max = predecessor + 1, not a full copy, and its page 1 has the predecessor's real cookie.
**            Any other file (a compaction, which spans several transactions; a full copy; the first file of a view built
**            anew) gets a fresh number.
**
** Threading. Views are counted; ref and unref from any thread. Building takes the db's merge mutex. Numbers come from
** process-wide atomics.
*/
#ifndef LS_VIEW_H
#define LS_VIEW_H

#include "litestream.h"

/* Borrowed, constant for the view's life. */
const ls_view_info *ls__view_info(const ls_view *view);
/* log2 of the page size. */
uint32_t ls__view_shift(const ls_view *view);
/* 1 and where page `pgno` (1..commit) is, file borrowed; 0 for a hole and for the lock page. */
int ls__view_find(const ls_view *view, ls_pgno pgno, ls_file **file, uint32_t *ordinal);
/* How many pages it has, and how many of them are in the page cache now. */
void ls__view_held(const ls_view *view, uint32_t *pages, uint32_t *held);
/* Whether the view's invariants hold: for tests and LS_DEBUG. */
int ls__view_check(const ls_view *view);

#endif

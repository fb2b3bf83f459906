/*
** lookrows.h - look-ahead in the order of an index's entries (lookahead.h, "rows").
*/
#ifndef LS_LOOKROWS_H
#define LS_LOOKROWS_H

#include "lookwork.h"

/* A page was missed. Whether the scan of an index led there. ask: nobody brings it and its neighbours yet. */
int ls__rows_miss(ls_work *work, ls_pgno pgno, int ask);
/* The page that was due was read. */
void ls__rows_on(ls_work *work);

#endif

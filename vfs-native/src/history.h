/*
** history.h - the states of a replica, on their way from the host to a query.
*/
#ifndef LS_HISTORY_H
#define LS_HISTORY_H

#include "litestream.h"

/* Rows asked for at once. */
#define LS_HISTORY_BATCH 32

/* One batch: the host fills it through ls_history_add. */
struct ls_history {
  ls_txid before; /* the next row's TXID is below this; 0: any */
  uint32_t count, max;
  ls_history_row rows[LS_HISTORY_BATCH];
};

#endif

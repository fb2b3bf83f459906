/*
** history.h - litestream_history: the states that can be travelled to now, as a table.
**
**     SELECT txid, time, level, pages, bytes FROM litestream_history          of main
**     SELECT * FROM litestream_history('past')                                of an attached replica
**
**     txid    16 hex digits, as PRAGMA litestream_txid takes them
**     time    RFC 3339: when the last of its transactions was synced
**     level   of the file that brings the state; 9 is a snapshot
**     pages   in that file; costs a read of the file, and is asked for only where the query names it
**     bytes   of that file
**
** The table is eponymous: it is there without CREATE VIRTUAL TABLE. The host lists the states newest first, in batches, so a
** query with a LIMIT stops after about so many. ORDER BY txid DESC is that order; any other is SQLite's to sort (times are
** text whose fraction has no fixed length). A LIMIT only sizes the first batch: SQLite counts the rows itself.
**
** A scan is no snapshot of the store: between two batches retention may remove states, and each batch goes on below the last
** TXID that was seen. It pins nothing, so it shows what can be reached, not what the transaction reads.
**
** Threading: a cursor belongs to its connection's thread.
*/
#ifndef LS_HISTORY_H
#define LS_HISTORY_H

#include "core.h"

/* Rows asked for at once: enough to overlap their requests, few enough for a query that looks at a handful. */
#define LS_HISTORY_BATCH 32

/* One batch: the host fills it through ls_history_add. */
struct ls_history {
  ls_txid before; /* the next row's TXID is below this; 0: any */
  uint32_t count, max;
  ls_history_row rows[LS_HISTORY_BATCH];
};

/* Adds the table to a connection. */
int ls__history_register(sqlite3 *connection);

#endif

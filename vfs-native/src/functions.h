/*
** functions.h - the SQL functions, which every connection has that is opened after the library was loaded, and the one
** that loaded it. The optional last argument names the schema, "main" without it.
**
**     litestream_txid([schema])           text, 16 hex digits
**     litestream_time([schema])           text, RFC 3339
**     litestream_lag([schema])            integer, seconds
**     litestream_look_age([schema])       integer, milliseconds
**     litestream_set_time(x[, schema])    NULL; only directly in a statement, and not while a state is pinned
**     litestream_set_txid(x[, schema])    likewise
**     litestream_last_error([schema])     text; without a schema that of the connection, also after a failed ATTACH
**
** None is deterministic. In a transaction txid and time first read the schema table, which pins the state: they name what
** the transaction reads, also when they are its first statement.
*/
#ifndef LS_FUNCTIONS_H
#define LS_FUNCTIONS_H

#include "core.h"

/* Also adds the table of history.h. Idempotent. SQLITE_OK or SQLITE_NOMEM. */
int ls__functions_register(sqlite3 *connection);

#endif

/*
** errors.h - the last error text of each connection, for litestream_last_error().
**
** SQLite's result codes carry no text of ours: a failed read is "disk I/O error", a failed ATTACH "unable to open
** database file". So each failure of a replica's file is also noted for its connection; the SQL functions, which every
** connection has, give the connection a place here and take it away when it closes. What fails before that (the main
** database of a connection that is just being opened) is noted for the process, and shown by connections with no text of
** their own.
**
** Threading: any function from any thread; one mutex, held for a copy of a text.
*/
#ifndef LS_ERRORS_H
#define LS_ERRORS_H

#include "core.h"

typedef struct ls_conn ls_conn;

/* Once, before all others; idempotent under the caller's lock. SQLITE_OK or SQLITE_NOMEM. */
int ls__errors_init(void);

/* A place for a connection; NULL without memory. */
ls_conn *ls__conn_add(sqlite3 *connection);
int ls__conn_known(sqlite3 *connection);
/* The destructor that SQLite calls: `conn` is an ls_conn. */
void ls__conn_remove(void *conn);

/* connection may be NULL or without a place: the text is then the process's. */
void ls__errors_note(sqlite3 *connection, const char *text);
/* A copy, "" when there is none: owned, sqlite3_free. NULL without memory. */
char *ls__errors_last(sqlite3 *connection);

#endif

/*
** init.c - the entry point of SQLite's load_extension.
**
** The library stays loaded for the life of the process (SQLITE_OK_LOAD_PERMANENTLY): connections and the JVM's call
** handles point into it long after the connection that loaded it has closed.
*/
#include "sqlite3ext.h"

#include "litestream.h"

SQLITE_EXTENSION_INIT1

LS_API int sqlite3_litestreamjdbc_init(sqlite3 *conn, char **err, const sqlite3_api_routines *api);

int sqlite3_litestreamjdbc_init(sqlite3 *conn, char **err, const sqlite3_api_routines *api) {
  (void)conn;
  (void)err;
  SQLITE_EXTENSION_INIT2(api);
  return SQLITE_OK_LOAD_PERMANENTLY;
}

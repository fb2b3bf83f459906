/*
** init.c - the entry point of SQLite's load_extension.
**
** The library stays loaded for the life of the process (SQLITE_OK_LOAD_PERMANENTLY): connections and the JVM's call
** handles point into it long after the connection that loaded it has closed.
**
** One image of this library serves one image of SQLite: the API table is one pointer. Another SQLite in the process (a
** second sqlite-jdbc, of another class loader) is refused, and needs a second copy of this library.
*/
#include "sqlite3ext.h"

#include <stdatomic.h>

#include "cache.h"
#include "errors.h"
#include "functions.h"
#include "litestream.h"
#include "names.h"
#include "vfs.h"

SQLITE_EXTENSION_INIT1

/* 3.31.0 brought sqlite3_uri_key and SQLITE_DIRECTONLY. */
#define SQLITE_MIN 3031000

LS_API int sqlite3_litestreamjdbc_init(sqlite3 *conn, char **err, const sqlite3_api_routines *api);

static _Atomic(const sqlite3_api_routines *) installed;

/* Runs at the end of every sqlite3_open in the process, of whatever database. It returns an int, which SQLite reads:
** anything but SQLITE_OK makes that open fail, with the text. */
static int on_open(sqlite3 *conn, char **err, const sqlite3_api_routines *api) {
  (void)api;
  int rc = ls__vfs_check_main(conn, err);
  return rc == SQLITE_OK ? ls__functions_register(conn) : rc;
}

/* What all connections share; the second time all of it is there already. */
static int start(char **err) {
  int rc = ls__cache_init();
  if (rc == SQLITE_OK)
    rc = ls__names_init();
  if (rc == SQLITE_OK)
    rc = ls__errors_init();
  if (rc == SQLITE_OK)
    rc = ls__vfs_register();
  if (rc == SQLITE_MISUSE)
    *err = sqlite3_mprintf(
        "a VFS named \"litestream\" is already registered in this process, by Litestream's own "
        "extension or by another copy of litestream-jdbc: load only one of them");
  if (rc == SQLITE_OK)
    rc = sqlite3_auto_extension((void (*)(void))on_open);
  return rc;
}

/* Under a mutex of the SQLite that calls, so that two threads of it cannot both be first; another SQLite finds its place
** taken. */
static int install(const sqlite3_api_routines *api, char **err) {
  const sqlite3_api_routines *expected = NULL;
  if (atomic_compare_exchange_strong(&installed, &expected, api)) {
    SQLITE_EXTENSION_INIT2(api);
  } else if (expected != api) {
    *err = api->mprintf(
        "this copy of the litestream-jdbc library serves another SQLite in this process: a second "
        "SQLite needs its own copy of the library file");
    return SQLITE_ERROR;
  }
  return start(err);
}

int sqlite3_litestreamjdbc_init(sqlite3 *conn, char **err, const sqlite3_api_routines *api) {
  if (api->libversion_number() < SQLITE_MIN) {
    *err = api->mprintf("litestream-jdbc needs SQLite 3.31.0 or newer, this is %s", api->libversion());
    return SQLITE_ERROR;
  }
  sqlite3_mutex *mutex = api->mutex_alloc(SQLITE_MUTEX_STATIC_VFS2);
  api->mutex_enter(mutex);
  int rc = install(api, err);
  api->mutex_leave(mutex);
  if (rc == SQLITE_OK)
    rc = ls__functions_register(conn);
  return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}

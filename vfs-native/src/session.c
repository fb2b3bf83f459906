/*
** session.c - see session.h.
*/
#include "session.h"

#include "reader.h"
#include "vfs.h"

#define DB_NAME_SINCE 3039000 /* sqlite3_db_name */

#define FIRST_ATTACHED 2 /* 0 is main, 1 is temp */

static sqlite3 *connection_of(const ls_vfile *file) { return file->connection ? *file->connection : NULL; }

static int look(ls_vfile *file, int reset) {
  if (!file || !file->reader)
    return 0;
  int away = ls__reader_away(file->reader);
  if (reset)
    ls__reader_reset(file->reader);
  return away ? LS_SESSION_AWAY : 0;
}

/* Looks at each replica of the connection; sends it home where `reset` is set. */
static int visit(ls_vfile *file, int reset) {
  sqlite3 *connection = connection_of(file);
  const char *name;
  int bits = 0;
  if (!connection || sqlite3_libversion_number() < DB_NAME_SINCE)
    return look(file, reset);
  for (int i = 0; (name = sqlite3_db_name(connection, i)) != NULL; i++) {
    sqlite3_file *raw = NULL;
    sqlite3_file_control(connection, name, SQLITE_FCNTL_FILE_POINTER, &raw);
    ls_vfile *each = ls__vfs_file(raw);
    if (each && !each->stays && i >= FIRST_ATTACHED)
      bits |= LS_SESSION_ATTACHED;
    bits |= look(each, reset);
  }
  return bits;
}

int ls__session_bits(ls_vfile *file) {
  sqlite3 *connection = connection_of(file);
  int transaction = connection && !sqlite3_get_autocommit(connection);
  return visit(file, 0) | (transaction ? LS_SESSION_TRANSACTION : 0) | (file->stays ? LS_SESSION_STAYS : 0);
}

void ls__session_reset(ls_vfile *file) { visit(file, 1); }

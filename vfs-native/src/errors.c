/*
** errors.c - see errors.h.
*/
#include "errors.h"

#include <string.h>

#include "host.h"

struct ls_conn {
  ls_conn *next, **link;
  sqlite3 *connection;
  char text[LS_TEXT_MAX];
};

static sqlite3_mutex *mutex;
static ls_conn *first;
static char of_process[LS_TEXT_MAX];

int ls__errors_init(void) {
  if (!mutex)
    mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
  return mutex ? SQLITE_OK : SQLITE_NOMEM;
}

/* Under the mutex. */
static ls_conn *find(const sqlite3 *connection) {
  ls_conn *conn = first;
  while (conn && conn->connection != connection)
    conn = conn->next;
  return conn;
}

ls_conn *ls__conn_add(sqlite3 *connection) {
  ls_conn *conn = sqlite3_malloc64(sizeof *conn);
  if (!conn)
    return NULL;
  conn->connection = connection;
  conn->text[0] = 0;
  sqlite3_mutex_enter(mutex);
  conn->next = first;
  conn->link = &first;
  if (conn->next)
    conn->next->link = &conn->next;
  first = conn;
  sqlite3_mutex_leave(mutex);
  return conn;
}

int ls__conn_known(sqlite3 *connection) {
  sqlite3_mutex_enter(mutex);
  int known = find(connection) != NULL;
  sqlite3_mutex_leave(mutex);
  return known;
}

void ls__conn_remove(void *arg) {
  ls_conn *conn = arg;
  sqlite3_mutex_enter(mutex);
  *conn->link = conn->next;
  if (conn->next)
    conn->next->link = conn->link;
  sqlite3_mutex_leave(mutex);
  sqlite3_free(conn);
}

void ls__errors_note(sqlite3 *connection, const char *text) {
  sqlite3_mutex_enter(mutex);
  ls_conn *conn = connection ? find(connection) : NULL;
  ls__err_set(conn ? conn->text : of_process, LS_TEXT_MAX, "%s", text);
  sqlite3_mutex_leave(mutex);
}

char *ls__errors_last(sqlite3 *connection) {
  char *copy = sqlite3_malloc64(LS_TEXT_MAX);
  if (!copy)
    return NULL;
  sqlite3_mutex_enter(mutex);
  const ls_conn *conn = find(connection);
  memcpy(copy, conn && conn->text[0] ? conn->text : of_process, LS_TEXT_MAX);
  sqlite3_mutex_leave(mutex);
  return copy;
}

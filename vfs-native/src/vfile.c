/*
** vfile.c - see vfile.h.
*/
#include "vfile.h"

#include <string.h>

#include "db.h"
#include "errors.h"
#include "host.h"
#include "reader.h"
#include "timetext.h"
#include "view.h"

#define STATS_MAX 4096 /* of the host's JSON text: some dozens of numbers with their names */

/* -------------------------------------------------------------------------------------------------------------- open */

/* "name\0" and "key\0value\0" for each URI parameter: what the host reads. */
static char *params_of(const char *name, uint32_t *len) {
  const char *key;
  uint64_t size = strlen(name) + 1, at = size;
  for (int i = 0; (key = sqlite3_uri_key(name, i)) != NULL; i++)
    size += strlen(key) + strlen(sqlite3_uri_parameter(name, key)) + 2;
  char *params = size <= UINT32_MAX ? sqlite3_malloc64(size) : NULL;
  if (!params)
    return NULL;
  memcpy(params, name, at);
  for (int i = 0; (key = sqlite3_uri_key(name, i)) != NULL; i++) {
    const char *value = sqlite3_uri_parameter(name, key);
    memcpy(params + at, key, strlen(key) + 1);
    at += strlen(key) + 1;
    memcpy(params + at, value, strlen(value) + 1);
    at += strlen(value) + 1;
  }
  *len = (uint32_t)at;
  return params;
}

static int names_a_replica(const char *name) {
  const char *vfs = sqlite3_uri_parameter(name, "vfs"), *url = sqlite3_uri_parameter(name, "replica_url");
  return (vfs && strcmp(vfs, LS_VFS_NAME) == 0) || (url && *url);
}

/* Whether a URI parameter is set to a value. Names come as the host takes them: session_time, session-time, sessionTime. */
static int says(const char *name, const char *letters, const char *value) {
  const char *key;
  for (int i = 0; (key = sqlite3_uri_key(name, i)) != NULL; i++) {
    const char *k, *l = letters;
    for (k = key; *k; k++)
      if (*k != '_' && *k != '-' && sqlite3_strnicmp(k, l++, 1) != 0)
        break;
    if (!*k && !*l)
      return sqlite3_stricmp(sqlite3_uri_parameter(name, key), value) == 0;
  }
  return 0;
}

/* On a connection whose main database is a replica, ATTACH 'local.db' and VACUUM INTO 'out.db' come to this VFS. */
static int refuse(const char *name, const char *default_vfs, char *err, uint32_t cap) {
  ls__err_set(
      err, cap,
      "%s: not opened, since its URI does not say that it is a Litestream replica. For a local file say "
      "'file:%s?vfs=%s'; for a replica 'file:NAME?vfs=litestream&replica_url=URL'",
      name, name, default_vfs);
  return SQLITE_CANTOPEN;
}

static int open_replica(const char *name, ls_vfile *file, char *err, uint32_t cap) {
  uint32_t len;
  ls_opened opened = {0};
  char *params = params_of(name, &len);
  if (!params)
    return SQLITE_NOMEM;
  int rc = ls__host_open(params, len, &opened, err, cap);
  sqlite3_free(params);
  if (rc != SQLITE_OK)
    return rc;
  file->streamed = opened.streamed;
  rc = ls_reader_open(opened.db, &file->reader);
  if (rc == SQLITE_OK)
    ls__reader_settle(file->reader, opened.home, opened.at, opened.max_stale);
  ls_view_unref(opened.home);
  if (rc != SQLITE_OK) {
    uint64_t id = ls__db_id(opened.db);
    ls_db_close(opened.db);
    ls__host_closed(id);
  }
  return rc;
}

int ls__vfile_open(ls_vfile *file, const char *name, const char *default_vfs) {
  char err[LS_TEXT_MAX] = "";
  const char *cache = sqlite3_uri_parameter(name, "cache");
  int rc = ls__name_add(name, &file->name);
  if (rc == SQLITE_OK)
    rc = names_a_replica(name) ? open_replica(name, file, err, sizeof err)
                               : refuse(name, default_vfs, err, sizeof err);
  if (rc != SQLITE_OK && rc != SQLITE_NOMEM) {
    file->failure_code = rc;
    file->failure = sqlite3_mprintf("%s", err);
    rc = file->failure ? SQLITE_OK : SQLITE_NOMEM;
  }
  if (rc != SQLITE_OK) {
    ls__name_remove(file->name);
    return rc;
  }
  file->journal = sqlite3_filename_journal(name);
  file->wal = sqlite3_filename_wal(name);
  ls__name_note(file->journal);
  ls__name_note(file->wal);
  file->lockless = sqlite3_uri_boolean(name, "immutable", 0) || sqlite3_uri_boolean(name, "nolock", 0);
  file->shared = cache && strcmp(cache, "shared") == 0;
  file->stays = says(name, "sessiontime", "keep");
  return SQLITE_OK;
}

void ls__vfile_close(ls_vfile *file) {
  if (file->reader) {
    ls_db *db = ls__reader_db(file->reader);
    uint64_t id = ls__db_id(db);
    ls_reader_close(file->reader);
    ls_db_close(db);
    ls__host_closed(id);
  }
  ls__name_unnote(file->journal);
  ls__name_unnote(file->wal);
  ls__name_remove(file->name);
  sqlite3_free(file->failure);
}

void ls__vfile_used_by(ls_vfile *file, const sqlite3 *connection) {
  if (!file->first)
    file->first = connection;
  else if (connection && file->first != connection)
    file->shared = 1;
}

/* ------------------------------------------------------------------------------------------------------------- errors */

const char *ls__vfile_error(const ls_vfile *file) {
  return file->reader ? ls_reader_error(file->reader) : file->failure;
}

char *ls__vfile_last_error(const ls_vfile *file, const char *error) {
  char *notice = file->reader ? ls__db_notice(ls__reader_db(file->reader)) : NULL;
  char *both = sqlite3_mprintf("%s%s%s", error, notice && error[0] ? "; now: " : "", notice ? notice : "");
  sqlite3_free(notice);
  return both;
}

int ls__vfile_noted(ls_vfile *file, int rc) {
  ls__errors_note(file->connection ? *file->connection : NULL, ls__vfile_error(file));
  return rc;
}

/* ------------------------------------------------------------------------------------------------------------ answers */

void ls__vfile_txid(const ls_vfile *file, char *text) {
  ls_view *view = ls_reader_view(file->reader);
  sqlite3_snprintf(LS_TIMETEXT_MAX, text, "%016llx", view ? ls__view_info(view)->txid : 0);
}

void ls__vfile_time(const ls_vfile *file, char *text) {
  ls_view *view = ls_reader_view(file->reader);
  ls_ms at;
  if (ls__reader_travelled(file->reader, &at))
    ls__time_text(at, text);
  else if (view)
    ls__time_text(ls__view_info(view)->timestamp, text);
  else
    sqlite3_snprintf(LS_TIMETEXT_MAX, text, "latest");
}

int64_t ls__vfile_lag(const ls_vfile *file) { return ls__host_lag(ls__db_id(ls__reader_db(file->reader))); }

int64_t ls__vfile_look_age(const ls_vfile *file) {
  return ls__host_look_age(ls__db_id(ls__reader_db(file->reader)));
}

void ls__vfile_hydration(const ls_vfile *file, char *text) {
  ls_view *newest = file->streamed ? ls_db_latest(ls__reader_db(file->reader)) : NULL;
  uint32_t pages = 0, held = 0;
  if (newest)
    ls__view_held(newest, &pages, &held);
  unsigned tenths = pages > 0 ? (unsigned)(UINT64_C(1000) * held / pages) : 1000;
  sqlite3_snprintf(LS_TIMETEXT_MAX, text, newest ? "%u.%u" : "0", tenths / 10, tenths % 10);
  ls_view_unref(newest);
}

char *ls__vfile_position(const ls_vfile *file) {
  const ls_view *view = ls_reader_view(file->reader);
  ls_ms at;
  return sqlite3_mprintf("%llu %016llx %lld %d", ls__llu(ls__db_id(ls__reader_db(file->reader))),
                         ls__llu(view ? ls__view_info(view)->txid : 0),
                         (long long)(view ? ls__view_info(view)->timestamp : -1),
                         ls__reader_travelled(file->reader, &at));
}

char *ls__vfile_stats(const ls_vfile *file) {
  char store[STATS_MAX];
  ls_stats s;
  ls_stats_get(&s);
  ls__host_stats(ls__db_id(ls__reader_db(file->reader)), store, sizeof store);
  return sqlite3_mprintf(
      "{\"cache\":{\"dbs\":%llu,\"files\":%llu,\"views\":%llu,\"readers\":%llu,"
      "\"bytes\":%llu,\"limit\":%llu,\"hits\":%llu,\"misses\":%llu,"
      "\"fetches\":%llu,\"fetched_bytes\":%llu,\"index_bytes\":%llu,\"wasted_bytes\":%llu},\"store\":%s}",
      ls__llu(s.dbs), ls__llu(s.files), ls__llu(s.views), ls__llu(s.readers), ls__llu(s.cache_bytes),
      ls__llu(s.cache_limit), ls__llu(s.hits), ls__llu(s.misses), ls__llu(s.fetches),
      ls__llu(s.fetched_bytes), ls__llu(s.index_bytes), ls__llu(s.wasted_bytes), store);
}

/* ------------------------------------------------------------------------------------------------------------- travel */

/* Why the time may not change now, or NULL. */
static const char *obstacle(const ls_vfile *file) {
  if (file->lockless)
    return "the time cannot be changed: the database was opened with immutable=1 or nolock=1, and so stays "
           "at the state "
           "of its first read; open it without them to travel in time";
  if (file->shared)
    return "the time cannot be changed: with cache=shared it would change for every connection that shares "
           "the cache; "
           "open the database without cache=shared to travel in time";
  if (ls__reader_pinned(file->reader))
    return "the time cannot be changed while the database is being read: finish the transaction (COMMIT or "
           "ROLLBACK), "
           "or close the open ResultSet or statement, then set it again";
  return NULL;
}

int ls__vfile_travel(ls_vfile *file, int32_t what, const char *text, char *err, uint32_t cap) {
  ls_view *view = NULL;
  ls_ms at = 0;
  const char *why = obstacle(file);
  if (why) {
    ls__err_set(err, cap, "%s", why);
    return SQLITE_ERROR;
  }
  int rc =
      ls__host_travel(ls__db_id(ls__reader_db(file->reader)), file->reader, what, text, &view, &at, err, cap);
  if (rc == SQLITE_OK) {
    rc = ls_reader_travel(file->reader, view, at);
    ls_view_unref(view);
  }
  if (rc != SQLITE_OK) {
    ls__reader_fail(file->reader, rc, err);
    ls__vfile_noted(file, rc);
  }
  return rc;
}

/*
** history.c - see history.h.
*/
#include "history.h"

#include <string.h>

#include "db.h"
#include "host.h"
#include "reader.h"
#include "timetext.h"
#include "vfile.h"
#include "vfs.h"

/* From SQLite 3.38.0 on; older ones never offer it. */
#ifndef SQLITE_INDEX_CONSTRAINT_LIMIT
#define SQLITE_INDEX_CONSTRAINT_LIMIT 73
#endif

enum { TXID, TIME, LEVEL, PAGES, BYTES, SCHEMA };

/* What xBestIndex tells xFilter: which arguments follow, in this order, and whether pages are wanted. */
enum { HAS_SCHEMA = 1, HAS_LIMIT = 2, WANTS_PAGES = 4 };

/* Guesses, for the planner: a replica with Litestream's default retention, and one batch of it. */
#define ROWS_GUESS 1000
#define COST_GUESS 1e6

typedef struct table {
  sqlite3_vtab base; /* first: SQLite's view of it */
  sqlite3 *connection;
} table;

typedef struct cursor {
  sqlite3_vtab_cursor base; /* first */
  char *schema;
  uint32_t want; /* LS_HISTORY_* */
  uint32_t at;   /* in the batch; at its end: no more rows */
  sqlite3_int64 rowid;
  ls_history batch;
} cursor;

int ls_history_add(ls_history *out, const ls_history_row *row) {
  if (out->count >= out->max || row->txid == 0 || (out->before && row->txid >= out->before))
    return SQLITE_MISUSE;
  out->rows[out->count++] = *row;
  out->before = row->txid;
  return SQLITE_OK;
}

static table *table_of(sqlite3_vtab *base) { return (table *)(void *)base; }
static cursor *cursor_of(sqlite3_vtab_cursor *base) { return (cursor *)(void *)base; }

/* Puts an owned text where SQLite takes it from. */
static int fail(sqlite3_vtab *base, int rc, char *text) {
  sqlite3_free(base->zErrMsg);
  base->zErrMsg = text;
  return text ? rc : SQLITE_NOMEM;
}

/* ------------------------------------------------------------------------------------------------------------- table */

static int history_connect(sqlite3 *connection, void *arg, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **err) {
  (void)arg, (void)argc, (void)argv, (void)err;
  int rc = sqlite3_declare_vtab(
      connection,
      "CREATE TABLE x(txid TEXT, time TEXT, level INT, pages INT, bytes INT, schema TEXT HIDDEN)");
  if (rc != SQLITE_OK)
    return rc;
  table *t = sqlite3_malloc64(sizeof *t);
  if (!t)
    return SQLITE_NOMEM;
  memset(t, 0, sizeof *t);
  t->connection = connection;
  *out = &t->base;
  return SQLITE_OK;
}

static int history_disconnect(sqlite3_vtab *base) {
  sqlite3_free(table_of(base));
  return SQLITE_OK;
}

/* The number of the constraint that is usable, or -1. *unusable: there is one that is not. */
static int constraint(const sqlite3_index_info *info, int column, int op, int *unusable) {
  for (int i = 0; i < info->nConstraint; i++) {
    if (info->aConstraint[i].op != op || (column >= 0 && info->aConstraint[i].iColumn != column))
      continue;
    if (info->aConstraint[i].usable)
      return i;
    *unusable = 1;
  }
  return -1;
}

static int history_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  (void)base;
  int unusable = 0, ignored = 0, arguments = 0;
  int schema = constraint(info, SCHEMA, SQLITE_INDEX_CONSTRAINT_EQ, &unusable);
  int limit = constraint(info, -1, SQLITE_INDEX_CONSTRAINT_LIMIT, &ignored);
  if (schema < 0 && unusable)
    return SQLITE_CONSTRAINT; /* another order of the join gives the schema first */
  if (schema >= 0) {
    info->aConstraintUsage[schema].argvIndex = ++arguments;
    info->aConstraintUsage[schema].omit = 1;
    info->idxNum |= HAS_SCHEMA;
  }
  if (limit >= 0) {
    info->aConstraintUsage[limit].argvIndex = ++arguments;
    info->idxNum |= HAS_LIMIT;
  }
  if (info->colUsed & (UINT64_C(1) << PAGES))
    info->idxNum |= WANTS_PAGES;
  info->orderByConsumed = info->nOrderBy == 1 && info->aOrderBy[0].iColumn == TXID && info->aOrderBy[0].desc;
  info->estimatedRows = limit >= 0 ? LS_HISTORY_BATCH : ROWS_GUESS;
  info->estimatedCost = COST_GUESS;
  return SQLITE_OK;
}

/* ------------------------------------------------------------------------------------------------------------- cursor */

static int history_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  (void)base;
  cursor *c = sqlite3_malloc64(sizeof *c);
  if (!c)
    return SQLITE_NOMEM;
  memset(c, 0, sizeof *c);
  *out = &c->base;
  return SQLITE_OK;
}

static int history_close(sqlite3_vtab_cursor *base) {
  sqlite3_free(cursor_of(base)->schema);
  sqlite3_free(cursor_of(base));
  return SQLITE_OK;
}

/* The schema's file, looked for anew each time: nothing keeps a schema from being detached while its history is read. */
static ls_vfile *find_file(const cursor *c) {
  sqlite3_file *raw = NULL;
  sqlite3_file_control(table_of(c->base.pVtab)->connection, c->schema, SQLITE_FCNTL_FILE_POINTER, &raw);
  ls_vfile *file = ls__vfs_file(raw);
  return file && file->reader ? file : NULL;
}

/* The next batch, below the last row. */
static int next_batch(cursor *c, uint32_t max) {
  char err[LS_TEXT_MAX];
  ls_vfile *file = find_file(c);
  c->batch.count = 0;
  c->batch.max = max;
  c->at = 0;
  if (!file)
    return fail(c->base.pVtab, SQLITE_ERROR,
                sqlite3_mprintf("schema \"%s\" is no Litestream replica: name that of one, as in "
                                "litestream_history('past')",
                                c->schema));
  uint64_t id = ls__db_id(ls__reader_db(file->reader));
  int rc = ls__host_history(id, file->reader, c->batch.before, max, c->want, &c->batch, err, sizeof err);
  if (rc == SQLITE_OK)
    return SQLITE_OK;
  c->batch.count = 0;
  ls__vfile_noted(file, ls__reader_fail(file->reader, rc, err));
  return fail(c->base.pVtab, rc, sqlite3_mprintf("%s", err));
}

static int history_filter(sqlite3_vtab_cursor *base, int plan, const char *text, int argc,
                          sqlite3_value **argv) {
  (void)text;
  cursor *c = cursor_of(base);
  const char *schema = plan & HAS_SCHEMA ? (const char *)sqlite3_value_text(argv[0]) : "main";
  sqlite3_int64 limit = plan & HAS_LIMIT ? sqlite3_value_int64(argv[argc - 1]) : LS_HISTORY_BATCH;
  uint32_t max = limit > 0 && limit < LS_HISTORY_BATCH ? (uint32_t)limit : LS_HISTORY_BATCH;
  sqlite3_free(c->schema);
  c->schema = sqlite3_mprintf("%s", schema ? schema : "NULL");
  if (!c->schema)
    return SQLITE_NOMEM;
  c->want = plan & WANTS_PAGES ? LS_HISTORY_PAGES : 0;
  c->batch.before = 0;
  c->rowid = 1;
  return next_batch(c, max);
}

static int history_next(sqlite3_vtab_cursor *base) {
  cursor *c = cursor_of(base);
  c->rowid++;
  return ++c->at < c->batch.count ? SQLITE_OK : next_batch(c, LS_HISTORY_BATCH);
}

static int history_eof(sqlite3_vtab_cursor *base) {
  const cursor *c = cursor_of(base);
  return c->at >= c->batch.count;
}

static int history_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column) {
  const cursor *c = cursor_of(base);
  const ls_history_row *row = &c->batch.rows[c->at];
  char text[LS_TIMETEXT_MAX];
  switch (column) {
  case TXID:
    sqlite3_snprintf(sizeof text, text, "%016llx", ls__llu(row->txid));
    sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
    break;
  case TIME:
    ls__time_text(row->time, text);
    sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
    break;
  case LEVEL:
    sqlite3_result_int(ctx, row->level);
    break;
  case PAGES:
    if (row->pages >= 0)
      sqlite3_result_int64(ctx, row->pages);
    break;
  case BYTES:
    sqlite3_result_int64(ctx, row->bytes);
    break;
  default:
    sqlite3_result_text(ctx, c->schema, -1, SQLITE_TRANSIENT);
    break;
  }
  return SQLITE_OK;
}

static int history_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
  *out = cursor_of(base)->rowid;
  return SQLITE_OK;
}

static const sqlite3_module module = {
    /* without xCreate the table is eponymous only */
    .xConnect = history_connect,
    .xBestIndex = history_best_index,
    .xDisconnect = history_disconnect,
    .xOpen = history_open,
    .xClose = history_close,
    .xFilter = history_filter,
    .xNext = history_next,
    .xEof = history_eof,
    .xColumn = history_column,
    .xRowid = history_rowid,
};

int ls__history_register(sqlite3 *connection) {
  return sqlite3_create_module_v2(connection, "litestream_history", &module, NULL, NULL);
}

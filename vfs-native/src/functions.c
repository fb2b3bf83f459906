/*
** functions.c - see functions.h.
*/
#include "functions.h"

#include "errors.h"
#include "history.h"
#include "host.h"
#include "timetext.h"
#include "vfile.h"
#include "vfs.h"

static void fail(sqlite3_context *ctx, char *text) {
  if (text)
    sqlite3_result_error(ctx, text, -1);
  else
    sqlite3_result_error_nomem(ctx);
  sqlite3_free(text);
}

static const char *schema_of(int argc, sqlite3_value **argv, int at) {
  const char *text = argc > at ? (const char *)sqlite3_value_text(argv[at]) : NULL;
  return text ? text : "main";
}

/* The file of a schema that is a replica; else NULL, and the function has failed. */
static ls_vfile *replica(sqlite3_context *ctx, const char *schema) {
  sqlite3_file *raw = NULL;
  if (sqlite3_file_control(sqlite3_context_db_handle(ctx), schema, SQLITE_FCNTL_FILE_POINTER, &raw) !=
      SQLITE_OK) {
    fail(ctx, sqlite3_mprintf("no schema \"%s\" in this connection", schema));
    return NULL;
  }
  ls_vfile *file = ls__vfs_file(raw);
  if (!file || !file->reader) {
    fail(ctx, sqlite3_mprintf(
                  "schema \"%s\" is no Litestream replica: open or attach one as "
                  "'file:NAME?vfs=litestream&replica_url=URL', and name its schema as the last argument",
                  schema));
    return NULL;
  }
  ls__vfile_used_by(file, sqlite3_context_db_handle(ctx));
  return file;
}

/* In a transaction: takes the read lock that its first read would take. */
static int pin(sqlite3_context *ctx, const ls_vfile *file, const char *schema) {
  sqlite3 *connection = sqlite3_context_db_handle(ctx);
  if (sqlite3_get_autocommit(connection))
    return SQLITE_OK;
  char *sql = sqlite3_mprintf("SELECT 1 FROM \"%w\".sqlite_master LIMIT 1", schema);
  if (!sql) {
    sqlite3_result_error_nomem(ctx);
    return SQLITE_NOMEM;
  }
  int rc = sqlite3_exec(connection, sql, NULL, NULL, NULL);
  sqlite3_free(sql);
  if (rc != SQLITE_OK)
    fail(ctx, sqlite3_mprintf("schema \"%s\" cannot be read: %s; %s", schema, sqlite3_errmsg(connection),
                              ls__vfile_error(file)));
  return rc;
}

static void answer(sqlite3_context *ctx, int argc, sqlite3_value **argv,
                   void (*ask)(const ls_vfile *file, char *text)) {
  char text[LS_TIMETEXT_MAX];
  const char *schema = schema_of(argc, argv, 0);
  const ls_vfile *file = replica(ctx, schema);
  if (file && pin(ctx, file, schema) == SQLITE_OK) {
    ask(file, text);
    sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
  }
}

static void txid_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  answer(ctx, argc, argv, ls__vfile_txid);
}

static void time_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  answer(ctx, argc, argv, ls__vfile_time);
}

static void hydration_progress_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  char text[LS_TIMETEXT_MAX];
  const ls_vfile *file = replica(ctx, schema_of(argc, argv, 0));
  if (file) {
    ls__vfile_hydration(file, text);
    sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
  }
}

static void hydration_file_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  if (replica(ctx, schema_of(argc, argv, 0)))
    sqlite3_result_text(ctx, "", 0, SQLITE_STATIC);
}

static void number(sqlite3_context *ctx, int argc, sqlite3_value **argv, int64_t (*ask)(const ls_vfile *)) {
  const ls_vfile *file = replica(ctx, schema_of(argc, argv, 0));
  if (file)
    sqlite3_result_int64(ctx, ask(file));
}

static void lag_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  number(ctx, argc, argv, ls__vfile_lag);
}

static void look_age_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  number(ctx, argc, argv, ls__vfile_look_age);
}

static void travel(sqlite3_context *ctx, int argc, sqlite3_value **argv, int32_t what, const char *missing) {
  char err[LS_TEXT_MAX] = "";
  const char *text = (const char *)sqlite3_value_text(argv[0]);
  ls_vfile *file = replica(ctx, schema_of(argc, argv, 1));
  if (!file)
    return;
  if (!text) {
    sqlite3_result_error(ctx, missing, -1);
    return;
  }
  int rc = ls__vfile_travel(file, what, text, err, sizeof err);
  if (rc != SQLITE_OK) {
    sqlite3_result_error(ctx, err, -1);
    sqlite3_result_error_code(ctx, rc); /* keeps the text */
  }
}

static void set_time_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  travel(ctx, argc, argv, LS_TRAVEL_TIME,
         "litestream_set_time needs a time, got NULL; 'LATEST' returns to the present");
}

static void set_txid_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  travel(ctx, argc, argv, LS_TRAVEL_TXID,
         "litestream_set_txid needs a TXID in hex, got NULL; litestream_set_time('LATEST') returns to the "
         "present");
}

static void give(sqlite3_context *ctx, char *text) {
  if (text)
    sqlite3_result_text(ctx, text, -1, sqlite3_free);
  else
    sqlite3_result_error_nomem(ctx);
}

/* The connection's last text, also of a failed ATTACH, and what the main database's follower has to say. */
static void last_error_of_connection(sqlite3_context *ctx) {
  sqlite3 *connection = sqlite3_context_db_handle(ctx);
  char *text = ls__errors_last(connection);
  sqlite3_file *raw = NULL;
  if (text && sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &raw) == SQLITE_OK &&
      ls__vfs_file(raw)) {
    char *both = ls__vfile_last_error(ls__vfs_file(raw), text);
    sqlite3_free(text);
    text = both;
  }
  give(ctx, text);
}

static void last_error_function(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  if (argc == 0) {
    last_error_of_connection(ctx);
    return;
  }
  const ls_vfile *file = replica(ctx, schema_of(argc, argv, 0));
  if (file)
    give(ctx, ls__vfile_last_error(file, ls__vfile_error(file)));
}

int ls__functions_register(sqlite3 *connection) {
  static const struct {
    const char *name;
    int args, flags;
    void (*function)(sqlite3_context *, int, sqlite3_value **);
  } functions[] = {
      {"litestream_txid", 0, 0, txid_function},
      {"litestream_txid", 1, 0, txid_function},
      {"litestream_time", 0, 0, time_function},
      {"litestream_time", 1, 0, time_function},
      {"litestream_lag", 0, 0, lag_function},
      {"litestream_lag", 1, 0, lag_function},
      {"litestream_look_age", 0, 0, look_age_function},
      {"litestream_look_age", 1, 0, look_age_function},
      {"litestream_hydration_progress", 0, 0, hydration_progress_function},
      {"litestream_hydration_progress", 1, 0, hydration_progress_function},
      {"litestream_hydration_file", 0, 0, hydration_file_function},
      {"litestream_hydration_file", 1, 0, hydration_file_function},
      {"litestream_set_txid", 1, SQLITE_DIRECTONLY, set_txid_function},
      {"litestream_set_txid", 2, SQLITE_DIRECTONLY, set_txid_function},
      {"litestream_set_time", 1, SQLITE_DIRECTONLY, set_time_function},
      {"litestream_set_time", 2, SQLITE_DIRECTONLY, set_time_function},
      {"litestream_last_error", 1, 0, last_error_function},
  };
  if (ls__conn_known(connection))
    return SQLITE_OK;
  ls_conn *conn = ls__conn_add(connection);
  if (!conn)
    return SQLITE_NOMEM;
  /* This one owns the connection's place: SQLite calls its destructor at close, and also when it cannot be created. */
  int rc = sqlite3_create_function_v2(connection, "litestream_last_error", 0, SQLITE_UTF8, conn,
                                      last_error_function, NULL, NULL, ls__conn_remove);
  for (size_t i = 0; rc == SQLITE_OK && i < sizeof functions / sizeof *functions; i++)
    rc = sqlite3_create_function_v2(connection, functions[i].name, functions[i].args,
                                    SQLITE_UTF8 | functions[i].flags, NULL, functions[i].function, NULL, NULL,
                                    NULL);
  return rc == SQLITE_OK ? ls__history_register(connection) : rc;
}

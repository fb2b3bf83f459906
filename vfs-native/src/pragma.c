/*
** pragma.c - see pragma.h.
*/
#include "pragma.h"

#include "host.h"
#include "reader.h"
#include "session.h"
#include "timetext.h"

static int result(char **args, int rc, const char *text) {
  args[0] = sqlite3_mprintf("%s", text);
  return args[0] ? rc : SQLITE_NOMEM;
}

static int is(const char *name, const char *expected) { return sqlite3_stricmp(name, expected) == 0; }

static int read_only(char **args) {
  args[0] = sqlite3_mprintf("PRAGMA %s is read-only: leave out \"= %s\"", args[1], args[2]);
  return args[0] ? SQLITE_ERROR : SQLITE_NOMEM;
}

/* An owned text, or NULL without memory. */
static int given(char **args, char *text) {
  args[0] = text;
  return text ? SQLITE_OK : SQLITE_NOMEM;
}

static int number(char **args, int64_t n) { return given(args, sqlite3_mprintf("%lld", (long long)n)); }

static int travel(ls_vfile *file, int32_t what, char **args) {
  char err[LS_TEXT_MAX] = "";
  int rc = ls__vfile_travel(file, what, args[2], err, sizeof err);
  return rc == SQLITE_OK ? SQLITE_OK : result(args, rc, err);
}

static int txid(ls_vfile *file, char **args) {
  char text[LS_TIMETEXT_MAX];
  if (args[2])
    return travel(file, LS_TRAVEL_TXID, args);
  ls__vfile_txid(file, text);
  return result(args, SQLITE_OK, text);
}

static int time(ls_vfile *file, char **args) {
  char text[LS_TIMETEXT_MAX];
  if (args[2])
    return travel(file, LS_TRAVEL_TIME, args);
  ls__vfile_time(file, text);
  return result(args, SQLITE_OK, text);
}

static int lag(ls_vfile *file, char **args) { return number(args, ls__vfile_lag(file)); }
static int look_age(ls_vfile *file, char **args) { return number(args, ls__vfile_look_age(file)); }
static int stats(ls_vfile *file, char **args) { return given(args, ls__vfile_stats(file)); }
static int position(ls_vfile *file, char **args) { return given(args, ls__vfile_position(file)); }
static int session(ls_vfile *file, char **args) { return number(args, ls__session_bits(file)); }

static int hydration_progress(ls_vfile *file, char **args) {
  char text[LS_TIMETEXT_MAX];
  ls__vfile_hydration(file, text);
  return result(args, SQLITE_OK, text);
}

/* Where upstream keeps a copy on disk; here there is none. */
static int hydration_file(ls_vfile *file, char **args) {
  (void)file;
  return result(args, SQLITE_OK, "");
}

static int reset(ls_vfile *file, char **args) {
  (void)args;
  ls__session_reset(file);
  return SQLITE_OK;
}

/* Without a value begins a scope and gives its number; with one ends that scope. */
static int scope(ls_vfile *file, char **args) {
  uint32_t n = 0;
  if (!args[2]) {
    int rc = ls__reader_begin_scope(file->reader, &n);
    return rc == SQLITE_OK ? number(args, n) : rc;
  }
  for (const char *p = args[2]; *p; p++) {
    if (*p < '0' || *p > '9' || n > (UINT32_MAX - 9) / 10)
      return result(args, SQLITE_ERROR, "PRAGMA litestream_scope = ...: expected the number of a scope");
    n = n * 10 + (uint32_t)(*p - '0');
  }
  if (n == 0)
    return result(args, SQLITE_ERROR, "PRAGMA litestream_scope = ...: scopes are numbered from 1 on");
  ls__reader_end_scope(file->reader, n);
  return SQLITE_OK;
}

static int last_error(ls_vfile *file, char **args) {
  return given(args, ls__vfile_last_error(file, ls__vfile_error(file)));
}

static const struct {
  const char *name;
  int (*run)(ls_vfile *file, char **args);
  int writable; /* takes a value */
  int failed;   /* answers for a file in the failed state, too */
} pragmas[] = {
    {"litestream_txid", txid, 1, 0},
    {"litestream_time", time, 1, 0},
    {"litestream_lag", lag, 0, 0},
    {"litestream_look_age", look_age, 0, 0},
    {"litestream_stats", stats, 0, 0},
    {"litestream_last_error", last_error, 0, 1},
    {"litestream_position", position, 0, 0},
    {"litestream_session", session, 0, 1},
    {"litestream_hydration_progress", hydration_progress, 0, 0},
    {"litestream_hydration_file", hydration_file, 0, 0},
    {"litestream_reset", reset, 0, 1},
    {"litestream_scope", scope, 1, 0},
};

int ls__pragma(ls_vfile *file, char **args) {
  const char *name = args[1];
  if (is(name, "locking_mode") && args[2] && is(args[2], "exclusive"))
    return result(
        args, SQLITE_ERROR,
        "locking_mode=EXCLUSIVE would keep a replica at the state of its first read without saying so; "
        "for a connection that shall never see a change, open it with immutable=1");
  for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++) {
    if (!is(name, pragmas[i].name))
      continue;
    if (args[2] && !pragmas[i].writable)
      return read_only(args);
    if (!file->reader && !pragmas[i].failed)
      return result(args, file->failure_code, file->failure);
    return pragmas[i].run(file, args);
  }
  return SQLITE_NOTFOUND;
}

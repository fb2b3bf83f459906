/*
** pragma.c - see pragma.h.
*/
#include "pragma.h"

#include "host.h"
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

static int time_pragma(ls_vfile *file, char **args) {
  char text[LS_TIMETEXT_MAX], err[LS_TEXT_MAX] = "";
  if (args[2]) {
    int rc = ls__vfile_travel(file, args[2], err, sizeof err);
    return rc == SQLITE_OK ? SQLITE_OK : result(args, rc, err);
  }
  ls__vfile_time(file, text);
  return result(args, SQLITE_OK, text);
}

static int last_error(const ls_vfile *file, char **args) {
  args[0] = ls__vfile_last_error(file, ls__vfile_error(file));
  return args[0] ? SQLITE_OK : SQLITE_NOMEM;
}

static int ours(ls_vfile *file, char **args) {
  char text[LS_TIMETEXT_MAX];
  const char *name = args[1];
  if (is(name, "litestream_last_error"))
    return args[2] ? read_only(args) : last_error(file, args);
  if (!file->reader)
    return result(args, file->failure_code, file->failure);
  if (is(name, "litestream_time"))
    return time_pragma(file, args);
  if (args[2])
    return read_only(args);
  if (is(name, "litestream_txid"))
    ls__vfile_txid(file, text);
  else
    sqlite3_snprintf(sizeof text, text, "%lld", ls__vfile_lag(file));
  return result(args, SQLITE_OK, text);
}

int ls__pragma(ls_vfile *file, char **args) {
  const char *name = args[1];
  if (is(name, "locking_mode") && args[2] && is(args[2], "exclusive"))
    return result(
        args, SQLITE_ERROR,
        "locking_mode=EXCLUSIVE would keep a replica at the state of its first read without saying so; "
        "for a connection that shall never see a change, open it with immutable=1");
  if (is(name, "litestream_txid") || is(name, "litestream_time") || is(name, "litestream_lag") ||
      is(name, "litestream_last_error"))
    return ours(file, args);
  return SQLITE_NOTFOUND;
}

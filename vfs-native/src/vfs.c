/*
** vfs.c - see vfs.h. File methods, then VFS methods, both in the order of their tables.
*/
#include "vfs.h"

#include <string.h>

#include "pragma.h"
#include "reader.h"
#include "view.h"

/* SQLite asks for the 100-byte header when it opens a file, before any lock. */
#define HEADER_SIZE 100

/* Of a failed file that is read without locks: one page of any size, so that SQLite reads it and sees the error instead of
** an empty database. */
#define FAILED_SIZE 65536

static ls_vfile *vfile(sqlite3_file *file) { return (ls_vfile *)(void *)file; }

/* ------------------------------------------------------------------------------------------------------- file methods */

/* A file that SQLite never locks is pinned by its first use. */
static int ensure_pinned(ls_vfile *file) { return file->lockless ? ls_reader_pin(file->reader) : SQLITE_OK; }

static int file_close(sqlite3_file *file) {
  ls__vfile_close(vfile(file));
  return SQLITE_OK;
}

/* A header that cannot be read is answered as an empty file's: SQLite reads it again under its first lock, where a
** failure reaches the statement with its text, while here it would only fail the open without one. */
static int early_header(int n, sqlite3_int64 offset) { return n == HEADER_SIZE && offset == 0; }

static int failed_read(ls_vfile *file, void *buf, int n, sqlite3_int64 offset) {
  memset(buf, 0, (size_t)n);
  if (early_header(n, offset))
    return SQLITE_IOERR_SHORT_READ;
  return ls__vfile_noted(file, SQLITE_CANTOPEN);
}

static int file_read(sqlite3_file *file, void *buf, int n, sqlite3_int64 offset) {
  ls_vfile *f = vfile(file);
  if (!f->reader)
    return failed_read(f, buf, n, offset);
  int rc = ensure_pinned(f);
  if (rc == SQLITE_OK)
    rc = ls_reader_read(f->reader, buf, (uint32_t)n, (uint64_t)offset);
  if (rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ)
    return rc;
  if (early_header(n, offset) && !ls__reader_pinned(f->reader)) {
    memset(buf, 0, (size_t)n);
    return SQLITE_IOERR_SHORT_READ;
  }
  return ls__vfile_noted(f, rc);
}

static int refuse(ls_vfile *f) {
  if (!f->reader)
    return SQLITE_READONLY;
  return ls__vfile_noted(f, ls__reader_fail(f->reader, SQLITE_READONLY, "this is a read-only replica"));
}

static int file_write(sqlite3_file *file, const void *buf, int n, sqlite3_int64 offset) {
  (void)buf, (void)n, (void)offset;
  return refuse(vfile(file));
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  (void)size;
  return refuse(vfile(file));
}

static int file_sync(sqlite3_file *file, int flags) {
  (void)file, (void)flags;
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  ls_vfile *f = vfile(file);
  if (!f->reader) {
    *size = f->lockless ? FAILED_SIZE : 0;
    return SQLITE_OK;
  }
  int rc = ensure_pinned(f);
  if (rc != SQLITE_OK)
    return ls__vfile_noted(f, rc);
  ls_view *view = ls_reader_view(f->reader);
  *size = view ? (sqlite3_int64)ls__view_info(view)->commit << ls__view_shift(view) : 0;
  return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level) {
  ls_vfile *f = vfile(file);
  if (level > SQLITE_LOCK_SHARED)
    return refuse(f);
  if (!f->reader)
    return ls__vfile_noted(f, SQLITE_CANTOPEN);
  if (f->connection)
    ls__vfile_used_by(f, *f->connection);
  int rc = ls_reader_pin(f->reader);
  return rc == SQLITE_OK ? rc : ls__vfile_noted(f, rc);
}

static int file_unlock(sqlite3_file *file, int level) {
  ls_vfile *f = vfile(file);
  if (f->reader && level == SQLITE_LOCK_NONE && !f->lockless)
    ls_reader_unpin(f->reader);
  return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *file, int *reserved) {
  (void)file;
  *reserved = 0;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg) {
  ls_vfile *f = vfile(file);
  if (op == SQLITE_FCNTL_PRAGMA)
    return ls__pragma(f, arg);
  if (op == SQLITE_FCNTL_PDB) {
    f->connection = arg;
    if (f->reader)
      ls__reader_connection(f->reader, f->connection);
    else
      ls__vfile_noted(f, SQLITE_OK);
  }
  return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file) {
  (void)file;
  return 0; /* SQLite's default */
}

/* Reads of a part of a page are served from the page cache: they need no whole pages of SQLite's. */
static int file_characteristics(sqlite3_file *file) {
  (void)file;
#ifdef SQLITE_IOCAP_SUBPAGE_READ
  return SQLITE_IOCAP_SUBPAGE_READ;
#else
  return 0;
#endif
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

ls_vfile *ls__vfs_file(sqlite3_file *file) { return file && file->pMethods == &methods ? vfile(file) : NULL; }

/* -------------------------------------------------------------------------------------------------------- VFS methods */

static sqlite3_vfs *next(sqlite3_vfs *vfs) { return vfs->pAppData; }

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
  file->pMethods = NULL;
  if (!(flags & SQLITE_OPEN_MAIN_DB)) {
    if (name && ls__name_is_side_file(name))
      return SQLITE_CANTOPEN;
    return next(vfs)->xOpen(next(vfs), name, file, flags, out_flags);
  }
  ls_vfile *f = vfile(file);
  memset(f, 0, sizeof *f);
  int rc = ls__vfile_open(f, name, next(vfs)->zName);
  if (rc != SQLITE_OK)
    return rc;
  file->pMethods = &methods; /* from here on SQLite calls xClose */
  if (out_flags)
    *out_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir) {
  if (ls__name_is_side_file(name))
    return SQLITE_IOERR_DELETE_NOENT;
  return next(vfs)->xDelete(next(vfs), name, sync_dir);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
  if (ls__name_is_side_file(name)) {
    *result = 0;
    return SQLITE_OK;
  }
  return next(vfs)->xAccess(next(vfs), name, flags, result);
}

/* The name of a replica is a label, but the super-journals of attached local files are named after it, and must be found
** again by a process with another working directory. A label that is no path stays as it is. */
static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int n, char *out) {
  int rc = next(vfs)->xFullPathname(next(vfs), name, n, out);
  if (rc == SQLITE_OK || rc == SQLITE_OK_SYMLINK)
    return SQLITE_OK;
  if (strlen(name) >= (size_t)n)
    return SQLITE_CANTOPEN;
  memcpy(out, name, strlen(name) + 1);
  return SQLITE_OK;
}

static void *vfs_dl_open(sqlite3_vfs *vfs, const char *name) { return next(vfs)->xDlOpen(next(vfs), name); }

static void vfs_dl_error(sqlite3_vfs *vfs, int n, char *out) { next(vfs)->xDlError(next(vfs), n, out); }

static void (*vfs_dl_sym(sqlite3_vfs *vfs, void *library, const char *name))(void) {
  return next(vfs)->xDlSym(next(vfs), library, name);
}

static void vfs_dl_close(sqlite3_vfs *vfs, void *library) { next(vfs)->xDlClose(next(vfs), library); }

static int vfs_randomness(sqlite3_vfs *vfs, int n, char *out) {
  return next(vfs)->xRandomness(next(vfs), n, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
  return next(vfs)->xSleep(next(vfs), microseconds);
}

static int vfs_current_time(sqlite3_vfs *vfs, double *out) { return next(vfs)->xCurrentTime(next(vfs), out); }

static int vfs_last_error(sqlite3_vfs *vfs, int n, char *out) {
  return next(vfs)->xGetLastError(next(vfs), n, out);
}

static int vfs_current_time_64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
  return next(vfs)->xCurrentTimeInt64(next(vfs), out);
}

static sqlite3_vfs litestream = {
    .zName = LS_VFS_NAME,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_pathname,
    .xDlOpen = vfs_dl_open,
    .xDlError = vfs_dl_error,
    .xDlSym = vfs_dl_sym,
    .xDlClose = vfs_dl_close,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_current_time,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_current_time_64,
};

int ls__vfs_register(void) {
  const sqlite3_vfs *known = sqlite3_vfs_find(LS_VFS_NAME);
  sqlite3_vfs *base = sqlite3_vfs_find(NULL);
  if (known || !base)
    return known == &litestream ? SQLITE_OK : SQLITE_MISUSE;
  litestream.iVersion = base->iVersion < 2 ? 1 : 2; /* 2 has xCurrentTimeInt64, which we can only pass on */
  litestream.szOsFile = base->szOsFile > (int)sizeof(ls_vfile) ? base->szOsFile : (int)sizeof(ls_vfile);
  litestream.mxPathname = base->mxPathname;
  litestream.pAppData = base;
  return sqlite3_vfs_register(&litestream, 0);
}

int ls__vfs_check_main(sqlite3 *connection, char **text) {
  sqlite3_vfs *vfs = NULL;
  sqlite3_file *raw = NULL;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) != SQLITE_OK ||
      vfs != &litestream)
    return SQLITE_OK;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &raw);
  ls_vfile *file = ls__vfs_file(raw);
  if (!file) {
    *text = sqlite3_mprintf(
        "a replica needs a name: file:NAME?vfs=litestream&replica_url=URL; an empty or memory name "
        "would open an empty database. For a database in memory leave out vfs=litestream");
    return SQLITE_CANTOPEN;
  }
  if (file->failure) {
    *text = sqlite3_mprintf("%s", file->failure);
    return file->failure_code;
  }
  ls__vfile_used_by(file, connection);
  return SQLITE_OK;
}

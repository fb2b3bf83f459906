/*
** host.c - see host.h.
*/
#include "host.h"

#include <stdatomic.h>
#include <string.h>

#include "file.h"

enum { EMPTY, WRITING, READY };

static atomic_int stage;
static ls_host table; /* constant once stage is READY */

int ls_host_set(const ls_host *host) {
  int expected = EMPTY;
  if (host->size != sizeof *host || host->version != LS_ABI_VERSION)
    return SQLITE_MISUSE;
  if (atomic_compare_exchange_strong(&stage, &expected, WRITING)) {
    table = *host;
    atomic_store_explicit(&stage, READY, memory_order_release);
    return SQLITE_OK;
  }
  while (!ls__host_ready()) {
    /* another thread is copying these few bytes right now */
  }
  return memcmp(&table, host, sizeof table) == 0 ? SQLITE_OK : SQLITE_MISUSE;
}

int ls__host_ready(void) { return atomic_load_explicit(&stage, memory_order_acquire) == READY; }

static int showable(int rc) {
  switch (rc & 0xff) {
  case SQLITE_OK:
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
  case SQLITE_BUSY:
  case SQLITE_INTERRUPT:
  case SQLITE_AUTH:
  case SQLITE_NOMEM:
  case SQLITE_CORRUPT:
  case SQLITE_ERROR:
    return rc;
  default:
    return SQLITE_IOERR;
  }
}

static int absent(char *err, uint32_t cap) {
  ls__err_set(
      err, cap,
      "the Java side of litestream-jdbc is not there: load the library with Litestream.load(connection)");
  return SQLITE_CANTOPEN;
}

/* A failure always says something. */
static int told(int rc, const char *what, char *err, uint32_t cap) {
  if (rc != SQLITE_OK && cap && !*err)
    ls__err_set(err, cap, "%s failed with code %d and no text", what, rc);
  return rc;
}

int ls__host_open(const char *params, uint32_t len, ls_opened *out, char *err, uint32_t cap) {
  *err = 0;
  if (!ls__host_ready())
    return absent(err, cap);
  return told(showable(table.open(params, len, out, err, cap)), "opening the replica", err, cap);
}

void ls__host_closed(uint64_t db_id) {
  if (ls__host_ready())
    table.closed(db_id);
}

int ls__host_fetch(uint64_t db_id, ls_reader *reader, uint64_t file_id, const ls_demand *demand, uint8_t *buf,
                   int32_t *given, char *err, uint32_t cap) {
  *err = 0;
  *given = LS_GIVEN_RANGE;
  if (!ls__host_ready())
    return absent(err, cap);
  int rc = table.fetch(db_id, reader, file_id, demand->offset, demand->length, demand->need_at, demand->need,
                       buf, given, err, cap);
  return told(rc == SQLITE_NOTFOUND ? rc : showable(rc), "fetching a page", err, cap);
}

int ls__host_locate(uint64_t db_id, ls_reader *reader, uint64_t file_id, uint64_t index_offset,
                    uint32_t index_length, uint64_t frames_offset, uint32_t frames_length, uint8_t *buf,
                    char *err, uint32_t cap) {
  *err = 0;
  if (!ls__host_ready())
    return absent(err, cap);
  int rc = table.locate(db_id, reader, file_id, index_offset, index_length, frames_offset, frames_length, buf,
                        err, cap);
  return told(rc == SQLITE_NOTFOUND ? rc : showable(rc), "fetching a part of the page index", err, cap);
}

void ls__host_taken(uint64_t db_id, uint64_t file_id, const ls_demand *demand) {
  if (ls__host_ready())
    table.taken(db_id, file_id, demand->offset, demand->length);
}

int ls__host_ahead(uint64_t db_id, ls_file *file, uint32_t ordinal, uint64_t offset, uint32_t length) {
  if (!ls__host_ready())
    return 0;
  ls__file_ref(file); /* the host's, if it takes the task */
  int taken = table.ahead(db_id, file, ls__file_info(file)->file_id, ordinal, offset, length) == 1;
  if (!taken)
    ls_file_unref(file);
  return taken;
}

int ls__host_replan(uint64_t db_id, ls_reader *reader, ls_view *pinned, ls_view **out, char *err,
                    uint32_t cap) {
  *err = 0;
  if (!ls__host_ready())
    return absent(err, cap);
  return told(showable(table.replan(db_id, reader, pinned, out, err, cap)), "planning the state anew", err,
              cap);
}

int ls__host_refresh(uint64_t db_id, ls_reader *reader, int64_t max_stale_ms, char *err, uint32_t cap) {
  *err = 0;
  if (!ls__host_ready())
    return absent(err, cap);
  return told(showable(table.refresh(db_id, reader, max_stale_ms, err, cap)), "looking for news", err, cap);
}

int ls__host_travel(uint64_t db_id, ls_reader *reader, int32_t what, const char *text, ls_view **out,
                    ls_ms *target, char *err, uint32_t cap) {
  *err = 0;
  if (!ls__host_ready())
    return absent(err, cap);
  return told(showable(table.travel(db_id, reader, what, text, out, target, err, cap)), "travelling in time",
              err, cap);
}

int ls__host_history(uint64_t db_id, ls_reader *reader, ls_txid before_txid, uint32_t max, uint32_t want,
                     ls_history *out, char *err, uint32_t cap) {
  *err = 0;
  if (!ls__host_ready())
    return absent(err, cap);
  return told(showable(table.history(db_id, reader, before_txid, max, want, out, err, cap)),
              "listing the states", err, cap);
}

int64_t ls__host_lag(uint64_t db_id) { return ls__host_ready() ? table.lag(db_id) : -1; }

int64_t ls__host_look_age(uint64_t db_id) { return ls__host_ready() ? table.look_age(db_id) : -1; }

void ls__host_stats(uint64_t db_id, char *text, uint32_t cap) {
  if (!ls__host_ready() || table.stats(db_id, text, cap) != SQLITE_OK)
    ls__err_set(text, cap, "{}");
}

void ls__host_log(const char *text) {
  if (ls__host_ready())
    table.log(text);
}

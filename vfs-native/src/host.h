/*
** host.h - every call into Java, and nothing else. Each function says what the callback's contract leaves open: the host
** is there, a failure has a text, and its code is one that SQLite may show (anything else becomes SQLITE_IOERR).
**
** No lock may be held by the caller. Threading: the caller's thread; the table is installed once and never changes.
*/
#ifndef LS_HOST_H
#define LS_HOST_H

#include "core.h"

/* Long enough for a place, a key and a sentence; longer texts are cut. */
#define LS_TEXT_MAX 1024u

/* What to fetch, and the part of it that the reader needs: a frame, or a small file as a whole. */
typedef struct ls_demand {
  uint64_t offset;
  uint32_t length;
  uint32_t need_at, need; /* from `offset` on */
  int scan;               /* the rest will be read, too */
} ls_demand;

int ls__host_ready(void);

int ls__host_open(const char *params, uint32_t len, ls_opened *out, char *err, uint32_t cap);
void ls__host_closed(uint64_t db_id);
/* SQLITE_NOTFOUND passes. *given: LS_GIVEN_*. */
int ls__host_fetch(uint64_t db_id, ls_reader *reader, uint64_t file_id, const ls_demand *demand, uint8_t *buf,
                   int32_t *given, char *err, uint32_t cap);
/* SQLITE_NOTFOUND passes. Fills index_length + frames_length bytes. */
int ls__host_locate(uint64_t db_id, ls_reader *reader, uint64_t file_id, uint64_t index_offset,
                    uint32_t index_length, uint64_t frames_offset, uint32_t frames_length, uint8_t *buf,
                    char *err, uint32_t cap);
void ls__host_taken(uint64_t db_id, uint64_t file_id, const ls_demand *demand);
/* Whether the host will bring the range. */
int ls__host_ahead(uint64_t db_id, ls_file *file, uint32_t ordinal, uint64_t offset, uint32_t length);
int ls__host_replan(uint64_t db_id, ls_reader *reader, ls_view *pinned, ls_view **out, char *err,
                    uint32_t cap);
int ls__host_refresh(uint64_t db_id, ls_reader *reader, int64_t max_stale_ms, char *err, uint32_t cap);
int ls__host_travel(uint64_t db_id, ls_reader *reader, int32_t what, const char *text, ls_view **out,
                    ls_ms *target, char *err, uint32_t cap);
int ls__host_history(uint64_t db_id, ls_reader *reader, ls_txid before_txid, uint32_t max, uint32_t want,
                     ls_history *out, char *err, uint32_t cap);
int64_t ls__host_lag(uint64_t db_id);
int64_t ls__host_look_age(uint64_t db_id);
/* "{}" where the host has nothing to tell. */
void ls__host_stats(uint64_t db_id, char *text, uint32_t cap);
void ls__host_log(const char *text);

#endif

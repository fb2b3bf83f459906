/*
** cache.h - the page cache, one for the process.
**
** It holds decoded pages by (file serial, frame ordinal). Files are immutable and serials are never used twice, so
** nothing is ever invalidated: a page that no view needs any more is just no longer asked for, and ages out.
**
** The budget is exact: the memory of all pages, those still being filled included, never exceeds it. A page comes in
** two steps. ls__cache_new takes a part of the budget and gives a buffer of exactly one page; once the bytes in it are
** known to be right, ls__cache_put makes it visible. In between it belongs to the caller.
**
** Threading: any function from any thread. A hit copies under the lock of one of 16 shards and does nothing else: no
** allocation, no other lock, no shared counter.
*/
#ifndef LS_CACHE_H
#define LS_CACHE_H

#include "core.h"

/* One page. `chain` is the owner's to use until ls__cache_put. */
typedef struct ls_cached {
  struct ls_cached *chain;
  struct ls_cached *older, *newer;
  uint64_t serial;
  uint32_t ordinal;
  uint32_t size;
  uint32_t recent; /* read since the clock hand last passed */
  uint8_t bytes[];
} ls_cached;

/* Idempotent, thread-safe. Before it, nothing is kept. SQLITE_OK or SQLITE_NOMEM. */
int ls__cache_init(void);

/* owned; NULL when the budget or the memory does not allow it: the page is then not kept, which is no error. */
ls_cached *ls__cache_new(uint64_t serial, uint32_t ordinal, uint32_t size);
/* Takes over `page`. wanted: it was asked for or will be, else it came along with another. An equal key that is there already wins. */
void ls__cache_put(ls_cached *page, int wanted);
void ls__cache_drop(ls_cached *page);

/* Whether the page is there. Counts neither as hit nor as miss. */
int ls__cache_has(uint64_t serial, uint32_t ordinal);

/* 1: copied page bytes [from, from + n), which must lie in the page. 0: a miss. */
int ls__cache_read(const ls_file *file, uint32_t ordinal, uint8_t *buf, uint32_t from, uint32_t n);

/* The limit that ls_cache_limit has set. */
uint64_t ls__cache_budget(void);

/* Fills the cache's fields of *out. */
void ls__cache_stats(ls_stats *out);

/* Walks over everything and compares sums and links: 1 when all is consistent. For tests, with no other thread. */
int ls__cache_check(void);

#endif

/*
** cache.h - the page cache, one for the process.
**
** It holds decoded pages by (file serial, frame ordinal). Files are immutable and serials are never used twice, so
** nothing is ever invalidated: a page that no view needs any more is just no longer asked for, and ages out.
**
** The budget is exact: the memory of all pages, those still being filled and those that wait for readers to look away
** included, never exceeds it. A page comes in two steps. ls__cache_new takes a part of the budget and gives a buffer of
** exactly one page; once the bytes in it are known to be right, ls__cache_put makes it visible. In between it belongs to
** the caller.
**
** Threading: any function from any thread. A hit copies under the reader's guard (epoch.h) and does nothing else: no lock,
** no allocation, and no write to memory that another thread writes, but to mark a page that is not marked yet. A miss, and
** everything else, takes the lock of one of 16 shards (shard.h).
*/
#ifndef LS_CACHE_H
#define LS_CACHE_H

#include "core.h"
#include "epoch.h"

/* One name of a page: a frame of a file. What a look-up needs comes first: one cache line, mostly. */
typedef struct ls_cached {
  _Atomic(struct ls_cached *) chain;
  uint64_t serial;
  uint32_t ordinal;
  atomic_uint recent; /* read since the clock hand last passed */
  struct ls_block *block;
  union {
    struct ls_cached *waiting; /* before ls__cache_put: the owner's */
    struct {
      struct ls_cached *older, *newer;
    } ring;             /* while it is visible */
    ls_retired retired; /* afterwards */
  } at;
} ls_cached;

/* A page: its bytes, right behind the name under which they came. */
typedef struct ls_block {
  ls_cached first;
  atomic_uint refs; /* of names */
  uint32_t size;
  uint32_t seen;    /* of ls__cache_check */
  uint32_t unasked; /* bytes that brought it from a store ahead of a reader's asking; else 0 */
  atomic_uint used; /* was copied out */
  uint32_t aligned; /* the bytes to 16: else each copy of a page takes a third longer */
  uint8_t bytes[];
} ls_block;

/* Idempotent, thread-safe. Before it, nothing is kept. SQLITE_OK or SQLITE_NOMEM. */
int ls__cache_init(void);

/* owned; NULL when the budget or the memory does not allow it: the page is then not kept, which is no error. */
ls_cached *ls__cache_new(uint64_t serial, uint32_t ordinal, uint32_t size);
/* Takes over `page`. wanted: it was asked for or will be, else it came along with another. An equal key that is there
** already wins, and gets the mark. */
void ls__cache_put(ls_cached *page, int wanted);
void ls__cache_drop(ls_cached *page);

/* Counts bytes that came ahead of a reader's asking and are not kept. Those of pages that go unused count by themselves. */
void ls__cache_wasted(uint32_t bytes);

/* Whether the page is there. Counts neither as hit nor as miss. */
int ls__cache_has(uint64_t serial, uint32_t ordinal);
/* Whether it is there and was read since the clock hand last passed, and the mark that says so. */
int ls__cache_hot(uint64_t serial, uint32_t ordinal);
void ls__cache_heat(uint64_t serial, uint32_t ordinal);
/* Whether it is hot because a reader was given it since it came, and not only because one is likely to ask for it. */
int ls__cache_given(uint64_t serial, uint32_t ordinal);

/* Two frames of the same bytes: where the first is there, makes it known as the second too, as hot as it was. From then on
** the first is the one to go. */
void ls__cache_alias(uint64_t serial, uint32_t ordinal, uint64_t other_serial, uint32_t other_ordinal);

typedef struct ls_cache_key {
  uint64_t serial;
  uint32_t ordinal;
} ls_cache_key;

/* For part < LS_CACHE_PARTS: how many pages it holds and their keys, owned; none without memory. */
#define LS_CACHE_PARTS 16u
uint32_t ls__cache_keys(uint32_t part, ls_cache_key **keys);

/* 1: copied page bytes [from, from + n), which must lie in the page. 0: a miss. guard: the calling reader's, clear. */
int ls__cache_read(ls_guard *guard, const ls_file *file, uint32_t ordinal, uint8_t *buf, uint32_t from,
                   uint32_t n);

/* The limit that ls_cache_limit has set. */
uint64_t ls__cache_budget(void);

/* Fills the cache's fields of *out. */
void ls__cache_stats(ls_stats *out);

/* Walks over everything and compares sums and links: 1 when all is consistent. For tests, with no other thread. */
int ls__cache_check(void);

#endif

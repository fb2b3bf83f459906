/*
** shard.h - a part of the page cache: a hash table of chained buckets, and a ring of its pages with a clock hand (CLOCK).
**
** The hand makes room: a page that was read since the last pass gets one more round, the next other one goes. New pages
** enter just behind the hand, so they have a full round before them.
**
** Whoever changes a shard holds its lock; ls__shard_find runs without, under a guard (epoch.h). Pages and tables that
** were unlinked are for the caller to retire. A table that grows moves its pages from chain to chain in place, and a
** reader that is on its way through one may be led into another: it then finds nothing, never something wrong. Under
** the lock, what is not found is not there.
*/
#ifndef LS_SHARD_H
#define LS_SHARD_H

#include "cache.h"

/* A page's part of the buckets: the table doubles at one page a bucket. */
#define LS_BUCKET_SHARE (2 * sizeof(void *))

typedef struct ls_table {
  ls_retired retired;
  uint32_t mask; /* number of buckets, a power of two, less one */
  _Atomic(ls_cached *) bucket[];
} ls_table;

typedef struct ls_shard {
  _Atomic(ls_table *) table; /* NULL while empty; the only field that readers look at */
  char apart[LS_CACHE_LINE];
  sqlite3_mutex *mutex;
  uint32_t count;
  ls_cached *hand; /* the next candidate; NULL while empty */
  uint64_t misses;
} ls_shard;

/* Neighbours in a file must spread over shards and buckets. Shards take the top bits, buckets the low ones. */
static inline uint64_t ls__shard_hash(uint64_t serial, uint32_t ordinal) {
  uint64_t h = serial * UINT64_C(0x9E3779B97F4A7C15) + ordinal;
  h = (h ^ h >> 31) * UINT64_C(0xD6E8FEB86659FD93);
  return h ^ h >> 29;
}

static inline ls_cached *ls__shard_find(ls_shard *s, uint64_t hash, uint64_t serial, uint32_t ordinal) {
  ls_table *t = atomic_load(&s->table);
  if (t == NULL)
    return NULL;
  ls_cached *page = atomic_load(&t->bucket[hash & t->mask]);
  while (page != NULL && (page->serial != serial || page->ordinal != ordinal))
    page = atomic_load(&page->chain);
  return page;
}

/* Makes room for one more page in the table. 0 without memory for a first one. */
int ls__shard_grow(ls_shard *s, ls_retired **outgrown);
/* The page's key must not be there. */
void ls__shard_insert(ls_shard *s, uint64_t hash, ls_cached *page);
/* Unlinks the first page from the hand on that was not read since the last round. NULL when empty. */
ls_cached *ls__shard_take_victim(ls_shard *s);
/* Gives back buckets that the pages left behind, all of them when no page is left. */
void ls__shard_trim(ls_shard *s, ls_retired **outgrown);

/* Whether all links are right. each: called for every page. */
int ls__shard_check(ls_shard *s, void (*each)(const ls_cached *page, void *context), void *context);

#endif

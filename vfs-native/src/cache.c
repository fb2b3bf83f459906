/*
** cache.c - a sharded CLOCK cache with one exact budget, read without locks.
**
** A shard is a hash table of chained buckets, and a ring of its pages with a clock hand. Eviction moves the hand: a page
** that was read since the last pass gets one more round, the next other one goes. New pages enter just behind the hand,
** so they have a full round before them.
**
** Writers change a shard under its lock; readers follow its links without. Pages and tables that were unlinked are
** retired (epoch.h). A table that grows moves its pages from chain to chain in place, and a reader that is on its way
** through one may be led into another: it then finds nothing, never something wrong. So nothing found is looked up again
** under the lock, where it costs nothing beside the request that follows.
**
** The budget is one atomic number for all shards. A reservation adds to it first and takes itself back when that was
** too much; then it evicts pages, of the shards in turn, and tries again. So memory is allocated only under a
** reservation that fits, with any number of threads. Two threads at the edge may evict a page more than needed, which
** is harmless. No thread ever holds two shard locks.
*/
#include "cache.h"

#include <string.h>

#include "file.h"

#define SHARDS 16u /* writers hold a lock for less than 1 us: 16 make collisions rare */
#define DEFAULT_LIMIT (UINT64_C(64) << 20)
#define FIRST_BUCKETS 64u
#define BUCKET_SHARE                                                                                         \
  (2 * sizeof(void *))  /* a page's part of the buckets: the table doubles at one page a bucket */
#define BLOCK_SHARE 16u /* what an allocator takes beside each block it gives */

/* What is evicted at once beyond the need, as a part of the budget: guards are then read once for many pages. */
#define EVICT_SHARE 256

/* Evictions, of EVICT_SHARE each, before a page is rather not kept: a reader that was stopped in its look by the
** scheduler keeps all that is evicted meanwhile from being freed. */
#define EVICTIONS_MAX 16

typedef struct table {
  ls_retired retired;
  uint32_t mask; /* number of buckets, a power of two, less one */
  _Atomic(ls_cached *) bucket[];
} table;

typedef struct shard {
  _Atomic(table *) table; /* NULL while empty; the only field that readers use */
  char apart[LS_CACHE_LINE];
  sqlite3_mutex *mutex;
  uint32_t count;
  ls_cached *hand; /* the next candidate; NULL while empty */
  uint64_t misses;
} shard;

static struct {
  shard shards[SHARDS];
  atomic_int ready;
  _Atomic uint64_t limit;
  _Atomic uint64_t used;
  atomic_uint turn; /* the shard that evicts next */
} cache = {.limit = DEFAULT_LIMIT};

/* Neighbours in a file must spread over shards and buckets. Shards take the top bits, buckets the low ones. */
static uint64_t hash(uint64_t serial, uint32_t ordinal) {
  uint64_t h = serial * UINT64_C(0x9E3779B97F4A7C15) + ordinal;
  h = (h ^ h >> 31) * UINT64_C(0xD6E8FEB86659FD93);
  return h ^ h >> 29;
}

static shard *shard_of(uint64_t h) { return &cache.shards[h >> 60]; }

/* ------------------------------------------------------------------------------------------------------------- memory */

static uint64_t page_cost(void) { return sizeof(ls_cached) + BLOCK_SHARE + BUCKET_SHARE; }

static uint64_t block_cost(uint32_t size) { return sizeof(ls_block) + BLOCK_SHARE + size; }

static ls_cached *cached_of(ls_retired *retired) {
  return (ls_cached *)(void *)((char *)retired - offsetof(ls_cached, at.retired));
}

void ls__cache_drop(ls_cached *page) {
  ls_block *block = page->block;
  uint64_t bytes = page_cost();
  if (atomic_fetch_sub_explicit(&block->refs, 1, memory_order_acq_rel) == 1) {
    bytes += block_cost(block->size);
    sqlite3_free(block);
  }
  sqlite3_free(page);
  atomic_fetch_sub(&cache.used, bytes);
}

static void release_page(ls_retired *retired) { ls__cache_drop(cached_of(retired)); }

static void release_table(ls_retired *retired) { sqlite3_free(retired); }

/* ------------------------------------------------------------------------------------------------------------- tables */

static _Atomic(ls_cached *) *bucket_of(table *t, uint64_t h) { return &t->bucket[h & t->mask]; }

static ls_cached *find(table *t, uint64_t h, uint64_t serial, uint32_t ordinal) {
  if (t == NULL)
    return NULL;
  ls_cached *page = atomic_load(bucket_of(t, h));
  while (page != NULL && (page->serial != serial || page->ordinal != ordinal))
    page = atomic_load(&page->chain);
  return page;
}

static table *table_of(shard *s) { return atomic_load(&s->table); }

static void push(table *t, uint64_t h, ls_cached *page) {
  _Atomic(ls_cached *) *bucket = bucket_of(t, h);
  atomic_store(&page->chain, atomic_load(bucket));
  atomic_store(bucket, page);
}

/* Replaces the table by one of `buckets`, a power of two, or 0 for none. Returns the old one, to be retired. Without
** memory for it the table stays, with longer chains. */
static ls_retired *resize(shard *s, uint32_t buckets) {
  table *old = table_of(s), *t = NULL;
  if (buckets > 0) {
    uint64_t bytes = sizeof *t + buckets * sizeof *t->bucket;
    t = sqlite3_malloc64(bytes);
    if (t == NULL)
      return NULL;
    memset(t, 0, bytes);
    t->mask = buckets - 1;
  }
  for (uint32_t i = 0; t != NULL && old != NULL && i <= old->mask; i++) {
    for (ls_cached *page = atomic_load(&old->bucket[i]), *after; page != NULL; page = after) {
      after = atomic_load(&page->chain);
      push(t, hash(page->serial, page->ordinal), page);
    }
  }
  atomic_store(&s->table, t);
  if (old == NULL)
    return NULL;
  old->retired = (ls_retired){.release = release_table};
  return &old->retired;
}

static uint32_t buckets_of(shard *s) {
  const table *t = table_of(s);
  return t == NULL ? 0 : t->mask + 1;
}

/* ------------------------------------------------------------------------------------------------------------ evicting */

/* Readers that have come to the page go on from it: its chain stays as it is. */
static void unlink_page(shard *s, ls_cached *page) {
  _Atomic(ls_cached *) *link = bucket_of(table_of(s), hash(page->serial, page->ordinal));
  for (ls_cached *other; (other = atomic_load(link)) != page;)
    link = &other->chain;
  atomic_store(link, atomic_load(&page->chain));
  ls_cached *older = page->at.ring.older, *newer = page->at.ring.newer;
  s->hand = newer == page ? NULL : newer;
  older->at.ring.newer = newer;
  newer->at.ring.older = older;
  s->count--;
}

/* Takes the first page from the hand on that was not read since the last round. Needs the lock; NULL when empty. */
static ls_cached *take_victim(shard *s) {
  if (s->hand == NULL)
    return NULL;
  while (atomic_load_explicit(&s->hand->recent, memory_order_relaxed)) {
    atomic_store_explicit(&s->hand->recent, 0, memory_order_relaxed);
    s->hand = s->hand->at.ring.newer;
  }
  ls_cached *victim = s->hand;
  unlink_page(s, victim);
  return victim;
}

/* Evicts pages of `bytes` together, fewer when no more are left, and releases what no reader looks at any more. 0: there
** was nothing to do. */
static int evict(uint64_t bytes) {
  ls_retired *victims = NULL;
  uint64_t evicted = 0;
  for (unsigned empty = 0; evicted < bytes && empty < SHARDS;) {
    shard *s = &cache.shards[atomic_fetch_add_explicit(&cache.turn, 1, memory_order_relaxed) % SHARDS];
    sqlite3_mutex_enter(s->mutex);
    ls_cached *victim = take_victim(s);
    sqlite3_mutex_leave(s->mutex);
    empty = victim == NULL ? empty + 1 : 0;
    if (victim != NULL) {
      evicted += page_cost();
      if (atomic_load_explicit(&victim->block->refs, memory_order_relaxed) == 1)
        evicted += block_cost(victim->block->size);
      victim->at.retired = (ls_retired){.next = victims, .release = release_page};
      victims = &victim->at.retired;
    }
  }
  return ls__epoch_retire(victims) > 0 || victims != NULL;
}

/* The sum is made before the limit is read, and ls_cache_limit sets the limit before it reads the sum: one of the two
** sees the other, so a limit that shrinks meanwhile is kept too. */
static int reserve(uint64_t n) {
  for (int evictions = 0;; evictions++) {
    uint64_t limit = atomic_load(&cache.limit);
    if (n > limit)
      return 0;
    uint64_t used = atomic_fetch_add(&cache.used, n) + n;
    if (used <= atomic_load(&cache.limit))
      return 1;
    atomic_fetch_sub(&cache.used, n);
    if (evictions == EVICTIONS_MAX || !evict(n + limit / EVICT_SHARE))
      return 0;
  }
}

/* Evicts what is over the limit. What a reader looks at just now is freed by whoever evicts next, or counts. */
static void shrink(void) {
  uint64_t used, limit;
  for (int evictions = 0; evictions <= EVICTIONS_MAX; evictions++) {
    limit = atomic_load(&cache.limit);
    used = atomic_load(&cache.used);
    if (used <= limit || !evict(used - limit))
      return;
  }
}

/* -------------------------------------------------------------------------------------------------------------- verbs */

static int init_shards(void) {
  for (unsigned i = 0; i < SHARDS; i++) {
    shard *s = &cache.shards[i];
    if (s->mutex == NULL)
      s->mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    if (s->mutex == NULL)
      return SQLITE_NOMEM;
  }
  return ls__epoch_init();
}

int ls__cache_init(void) {
  sqlite3_mutex *once = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_VFS3);
  int rc = SQLITE_OK;
  sqlite3_mutex_enter(once);
  if (!atomic_load(&cache.ready)) {
    rc = init_shards();
    if (once == NULL)
      rc = SQLITE_OK; /* a SQLite without mutexes */
    if (rc == SQLITE_OK)
      atomic_store(&cache.ready, 1);
  }
  sqlite3_mutex_leave(once);
  return rc;
}

/* Under a reservation, which it takes back without memory. */
static ls_cached *page_new(uint64_t serial, uint32_t ordinal) {
  ls_cached *page = sqlite3_malloc64(sizeof *page);
  if (page == NULL)
    return NULL;
  memset(page, 0, sizeof *page);
  page->serial = serial;
  page->ordinal = ordinal;
  return page;
}

ls_cached *ls__cache_new(uint64_t serial, uint32_t ordinal, uint32_t size) {
  uint64_t cost = page_cost() + block_cost(size);
  if (!atomic_load(&cache.ready) || !reserve(cost))
    return NULL;
  ls_block *block = sqlite3_malloc64(sizeof *block + size);
  ls_cached *page = block == NULL ? NULL : page_new(serial, ordinal);
  if (page == NULL) {
    sqlite3_free(block);
    atomic_fetch_sub(&cache.used, cost);
    return NULL;
  }
  atomic_init(&block->refs, 1);
  block->size = size;
  block->seen = 0;
  page->block = block;
  return page;
}

/* Just behind the hand: last in the round that the hand begins. */
static void link_page(shard *s, uint64_t h, ls_cached *page) {
  if (s->hand == NULL) {
    page->at.ring.older = page->at.ring.newer = page;
    s->hand = page;
  } else {
    page->at.ring.newer = s->hand;
    page->at.ring.older = s->hand->at.ring.older;
    page->at.ring.older->at.ring.newer = page;
    page->at.ring.newer->at.ring.older = page;
  }
  s->count++;
  push(table_of(s), h, page);
}

void ls__cache_put(ls_cached *page, int wanted) {
  uint64_t h = hash(page->serial, page->ordinal);
  shard *s = shard_of(h);
  ls_retired *outgrown = NULL;
  atomic_store_explicit(&page->recent, wanted != 0, memory_order_relaxed);
  sqlite3_mutex_enter(s->mutex);
  uint32_t buckets = buckets_of(s);
  if (s->count >= buckets)
    outgrown = resize(s, buckets == 0 ? FIRST_BUCKETS : buckets * 2);
  int keep = table_of(s) != NULL && find(table_of(s), h, page->serial, page->ordinal) == NULL;
  if (keep)
    link_page(s, h, page);
  sqlite3_mutex_leave(s->mutex);
  if (outgrown != NULL)
    ls__epoch_retire(outgrown);
  if (!keep)
    ls__cache_drop(page);
  shrink(); /* a limit that shrank after the reservation found no page to evict here yet */
}

int ls__cache_has(uint64_t serial, uint32_t ordinal) {
  uint64_t h = hash(serial, ordinal);
  shard *s = shard_of(h);
  sqlite3_mutex_enter(s->mutex);
  int found = find(table_of(s), h, serial, ordinal) != NULL;
  sqlite3_mutex_leave(s->mutex);
  return found;
}

/* Sets the mark only where it is not set: the page's line stays shared among the threads that read it. */
static void copy(ls_cached *page, uint8_t *buf, uint32_t from, uint32_t n) {
  memcpy(buf, page->block->bytes + from, n);
  if (!atomic_load_explicit(&page->recent, memory_order_relaxed))
    atomic_store_explicit(&page->recent, 1, memory_order_relaxed);
}

/* What a reader that found nothing has to believe: a page may have moved to another chain while it looked. */
static int read_locked(shard *s, uint64_t h, const ls_file *file, uint32_t ordinal, uint8_t *buf,
                       uint32_t from, uint32_t n) {
  sqlite3_mutex_enter(s->mutex);
  ls_cached *page = find(table_of(s), h, file->serial, ordinal);
  if (page != NULL)
    copy(page, buf, from, n);
  else
    s->misses++;
  sqlite3_mutex_leave(s->mutex);
  return page != NULL;
}

int ls__cache_read(ls_guard *guard, const ls_file *file, uint32_t ordinal, uint8_t *buf, uint32_t from,
                   uint32_t n) {
  uint64_t h = hash(file->serial, ordinal);
  shard *s = shard_of(h);
  ls__guard_set(guard);
  ls_cached *page = find(table_of(s), h, file->serial, ordinal);
  if (page != NULL)
    copy(page, buf, from, n);
  ls__guard_clear(guard);
  return page != NULL || read_locked(s, h, file, ordinal, buf, from, n);
}

/* Gives back buckets that the pages left behind, all of them when no page is left. */
static void trim_buckets(shard *s) {
  ls_retired *outgrown = NULL;
  sqlite3_mutex_enter(s->mutex);
  uint32_t buckets = buckets_of(s), fewer = s->count == 0 ? 0 : buckets;
  while (fewer > FIRST_BUCKETS && fewer / 2 >= s->count)
    fewer /= 2;
  if (fewer != buckets)
    outgrown = resize(s, fewer);
  sqlite3_mutex_leave(s->mutex);
  if (outgrown != NULL)
    ls__epoch_retire(outgrown);
}

uint64_t ls__cache_budget(void) { return atomic_load_explicit(&cache.limit, memory_order_relaxed); }

void ls_cache_limit(uint64_t bytes) {
  uint64_t used = atomic_load(&cache.used);
  atomic_store(&cache.limit, bytes);
  if (!atomic_load(&cache.ready))
    return;
  shrink();
  for (unsigned i = 0; (used > bytes || bytes == 0) && i < SHARDS; i++)
    trim_buckets(&cache.shards[i]);
}

/* -------------------------------------------------------------------------------------------------------- diagnostics */

void ls__cache_stats(ls_stats *out) {
  out->hits = out->misses = 0;
  out->cache_limit = atomic_load(&cache.limit);
  if (atomic_load(&cache.ready)) { /* else SQLite has not loaded the library yet, so there are no mutexes */
    ls__epoch_retire(NULL);
    for (unsigned i = 0; i < SHARDS; i++) {
      shard *s = &cache.shards[i];
      sqlite3_mutex_enter(s->mutex);
      out->misses += s->misses;
      sqlite3_mutex_leave(s->mutex);
    }
    out->hits = ls__guard_looks() - out->misses;
  }
  out->cache_bytes = atomic_load(&cache.used);
}

/* A shared block counts with the last of its pages. */
static uint64_t seen_cost(ls_block *block) {
  if (++block->seen < atomic_load(&block->refs))
    return 0;
  block->seen = 0;
  return block_cost(block->size);
}

static int check_shard(shard *s, uint64_t *bytes) {
  table *t = table_of(s);
  uint32_t chained = 0, ringed = 0;
  for (uint32_t i = 0; t != NULL && i <= t->mask; i++) {
    for (ls_cached *page = atomic_load(&t->bucket[i]); page != NULL;
         page = atomic_load(&page->chain), chained++) {
      uint64_t h = hash(page->serial, page->ordinal);
      if (shard_of(h) != s || bucket_of(t, h) != &t->bucket[i])
        return 0;
      *bytes += page_cost() + seen_cost(page->block);
    }
  }
  for (const ls_cached *page = s->hand; page != NULL && ringed <= s->count; ringed++) {
    if (page->at.ring.newer->at.ring.older != page)
      return 0;
    page = page->at.ring.newer == s->hand ? NULL : page->at.ring.newer;
  }
  return chained == s->count && ringed == s->count;
}

int ls__cache_check(void) {
  uint64_t bytes = 0;
  ls__epoch_retire(NULL);
  for (unsigned i = 0; i < SHARDS; i++)
    if (!check_shard(&cache.shards[i], &bytes))
      return 0;
  return bytes == atomic_load(&cache.used) && bytes <= atomic_load(&cache.limit);
}

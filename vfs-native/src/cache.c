/*
** cache.c - the page cache's budget, and its verbs over the shards.
**
** The budget is one atomic number for all shards. A reservation adds to it first and takes itself back when that was
** too much; then it evicts pages, of the shards in turn, and tries again. So memory is allocated only under a
** reservation that fits, with any number of threads. Two threads at the edge may evict a page more than needed, which
** is harmless. No thread ever holds two of the cache's locks.
**
** Memory of an evicted page is not given back but kept for the next page of its size ("spare"), and counts meanwhile. An
** allocator with an arena for each thread, such as glibc's, could not use it for the next page of another thread, and
** twice the budget would be resident.
**
** A page that a reader does not find is looked up again under the lock (shard.h says why). That costs nothing beside the
** request that follows.
*/
#include "cache.h"

#include <string.h>

#include "file.h"
#include "shard.h"

#define SHARDS LS_CACHE_PARTS /* writers hold a lock for less than 1 us: 16 make collisions rare */
#define DEFAULT_LIMIT (UINT64_C(64) << 20)
#define ALLOCATION_SHARE 16u /* what an allocator takes beside each block that it gives */

/* What is evicted at once beyond the need, as a part of the budget: guards are then read once for many pages. */
#define EVICT_SHARE 256

/* Evictions, of EVICT_SHARE each, before a page is rather not kept: a reader that was stopped in its look by the
** scheduler keeps all that is evicted meanwhile from being freed. */
#define EVICTIONS_MAX 16

#define SIZES 17 /* logarithms of page sizes, the largest of which is 65,536 */

static struct {
  ls_shard shards[SHARDS];
  atomic_int ready;
  _Atomic uint64_t limit;
  _Atomic uint64_t used;
  _Atomic uint64_t wasted;
  atomic_uint turn;         /* the shard that evicts next */
  sqlite3_mutex *mutex;     /* of the spares */
  ls_cached *spares[SIZES]; /* linked by at.waiting, by the logarithm of the page size */
} cache = {.limit = DEFAULT_LIMIT};

static ls_shard *shard_of(uint64_t h) { return &cache.shards[h >> 60]; }

/* ------------------------------------------------------------------------------------------------------------- memory */

static uint64_t block_cost(uint32_t size) {
  return sizeof(ls_block) + ALLOCATION_SHARE + LS_BUCKET_SHARE + size;
}

/* Of a further name. */
static uint64_t alias_cost(void) { return sizeof(ls_cached) + ALLOCATION_SHARE + LS_BUCKET_SHARE; }

static ls_cached *cached_of(ls_retired *retired) {
  return (ls_cached *)(void *)((char *)retired - offsetof(ls_cached, at.retired));
}

void ls__cache_wasted(uint32_t bytes) {
  atomic_fetch_add_explicit(&cache.wasted, bytes, memory_order_relaxed);
}

/* The page goes. */
static void judge(const ls_block *block) {
  if (block->unasked > 0 && !atomic_load_explicit(&block->used, memory_order_relaxed))
    ls__cache_wasted(block->unasked);
}

static void drop_block(ls_block *block) {
  if (atomic_fetch_sub_explicit(&block->refs, 1, memory_order_acq_rel) == 1) {
    judge(block);
    uint64_t bytes = block_cost(block->size);
    sqlite3_free(block);
    atomic_fetch_sub(&cache.used, bytes);
  }
}

void ls__cache_drop(ls_cached *page) {
  ls_block *block = page->block;
  if (page != &block->first) {
    sqlite3_free(page);
    atomic_fetch_sub(&cache.used, alias_cost());
  }
  drop_block(block);
}

/* ------------------------------------------------------------------------------------------------------------- spares */

static ls_cached **spares_of(uint32_t size) {
  uint32_t log = 0;
  while (size >> log > 1)
    log++;
  return &cache.spares[log < SIZES ? log : SIZES - 1];
}

/* What is evicted becomes a spare, unless its bytes live on in another page. */
static void release_page(ls_retired *retired) {
  ls_cached *page = cached_of(retired);
  ls_block *block = page->block;
  if (page != &block->first || atomic_load(&block->refs) > 1) {
    ls__cache_drop(page);
    return;
  }
  ls_cached **spares = spares_of(block->size);
  judge(block);
  block->unasked = 0;
  sqlite3_mutex_enter(cache.mutex);
  page->at.waiting = *spares;
  *spares = page;
  sqlite3_mutex_leave(cache.mutex);
}

static ls_cached *take_spare(uint32_t size) {
  ls_cached **spares = spares_of(size);
  sqlite3_mutex_enter(cache.mutex);
  ls_cached *page = *spares;
  if (page != NULL && page->block->size == size)
    *spares = page->at.waiting;
  else
    page = NULL;
  sqlite3_mutex_leave(cache.mutex);
  return page;
}

/* Gives the memory of all spares back. Returns whether there were any. */
static int drop_spares(void) {
  int dropped = 0;
  for (uint32_t i = 0; i < SIZES; i++) {
    sqlite3_mutex_enter(cache.mutex);
    ls_cached *page = cache.spares[i];
    cache.spares[i] = NULL;
    sqlite3_mutex_leave(cache.mutex);
    for (ls_cached *next; page != NULL; page = next, dropped = 1) {
      next = page->at.waiting;
      ls__cache_drop(page);
    }
  }
  return dropped;
}

/* ------------------------------------------------------------------------------------------------------------ evicting */

/* How much memory goes with a name that was unlinked. */
static uint64_t yield_of(ls_cached *page) {
  ls_block *block = page->block;
  uint64_t bytes = page == &block->first ? 0 : alias_cost();
  return atomic_load_explicit(&block->refs, memory_order_relaxed) == 1 ? bytes + block_cost(block->size)
                                                                       : bytes;
}

/* Evicts pages of `bytes` together, fewer when no more are left, and releases what no reader looks at any more. 0: there
** was nothing to do. */
static int evict(uint64_t bytes) {
  ls_retired *victims = NULL;
  uint64_t evicted = 0;
  for (unsigned empty = 0; evicted < bytes && empty < SHARDS;) {
    ls_shard *s = &cache.shards[atomic_fetch_add_explicit(&cache.turn, 1, memory_order_relaxed) % SHARDS];
    sqlite3_mutex_enter(s->mutex);
    ls_cached *victim = ls__shard_take_victim(s);
    sqlite3_mutex_leave(s->mutex);
    empty = victim == NULL ? empty + 1 : 0;
    if (victim != NULL) {
      evicted += yield_of(victim);
      victim->at.retired = (ls_retired){.next = victims, .release = release_page};
      victims = &victim->at.retired;
    }
  }
  return ls__epoch_retire(victims) > 0 || victims != NULL;
}

/* The sum is made before the limit is read, and ls_cache_limit sets the limit before it reads the sum: one of the two
** sees the other, so a limit that shrinks meanwhile is kept too. */
static int try_reserve(uint64_t n) {
  uint64_t used = atomic_fetch_add(&cache.used, n) + n;
  if (used <= atomic_load(&cache.limit))
    return 1;
  atomic_fetch_sub(&cache.used, n);
  return 0;
}

/* Reserves n bytes, or with size > 0 takes a spare of that size, which has its bytes. */
static int obtain(uint64_t n, uint32_t size, ls_cached **spare) {
  for (int evictions = 0; evictions < EVICTIONS_MAX; evictions++) {
    uint64_t limit = atomic_load(&cache.limit);
    if (n > limit)
      return 0;
    if ((size > 0 && (*spare = take_spare(size)) != NULL) || try_reserve(n))
      return 1;
    if (!drop_spares() && !evict(n + limit / EVICT_SHARE))
      return 0;
  }
  return 0;
}

/* Evicts what is over the limit. What a reader looks at just now is freed by whoever evicts next, or counts. */
static void shrink(void) {
  uint64_t used, limit;
  for (int evictions = 0; evictions <= EVICTIONS_MAX; evictions++) {
    limit = atomic_load(&cache.limit);
    used = atomic_load(&cache.used);
    if (used <= limit || (!drop_spares() && !evict(used - limit)))
      return;
  }
}

/* -------------------------------------------------------------------------------------------------------------- verbs */

static int init_shards(void) {
  for (unsigned i = 0; i < SHARDS; i++) {
    ls_shard *s = &cache.shards[i];
    if (s->mutex == NULL)
      s->mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    if (s->mutex == NULL)
      return SQLITE_NOMEM;
  }
  if (cache.mutex == NULL)
    cache.mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
  return cache.mutex == NULL ? SQLITE_NOMEM : ls__epoch_init();
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

static void name(ls_cached *page, uint64_t serial, uint32_t ordinal, ls_block *block) {
  memset(page, 0, sizeof *page);
  page->serial = serial;
  page->ordinal = ordinal;
  page->block = block;
}

ls_cached *ls__cache_new(uint64_t serial, uint32_t ordinal, uint32_t size) {
  ls_cached *spare = NULL;
  if (!atomic_load(&cache.ready) || !obtain(block_cost(size), size, &spare))
    return NULL;
  ls_block *block = spare != NULL ? spare->block : sqlite3_malloc64(sizeof *block + size);
  if (block == NULL) {
    atomic_fetch_sub(&cache.used, block_cost(size));
    return NULL;
  }
  name(&block->first, serial, ordinal, block);
  atomic_init(&block->refs, 1);
  block->size = size;
  block->seen = 0;
  block->unasked = 0;
  atomic_init(&block->used, 0);
  return &block->first;
}

static void heat(ls_cached *page) {
  if (!atomic_load_explicit(&page->recent, memory_order_relaxed))
    atomic_store_explicit(&page->recent, 1, memory_order_relaxed);
}

void ls__cache_put(ls_cached *page, int wanted) {
  uint64_t h = ls__shard_hash(page->serial, page->ordinal);
  ls_shard *s = shard_of(h);
  ls_retired *outgrown = NULL;
  if (wanted)
    heat(page);
  sqlite3_mutex_enter(s->mutex);
  ls_cached *there = ls__shard_find(s, h, page->serial, page->ordinal);
  int keep = there == NULL && ls__shard_grow(s, &outgrown);
  if (keep)
    ls__shard_insert(s, h, page);
  else if (there != NULL && wanted)
    heat(there);
  sqlite3_mutex_leave(s->mutex);
  if (outgrown != NULL)
    ls__epoch_retire(outgrown);
  if (!keep)
    ls__cache_drop(page);
  shrink(); /* a limit that shrank after the reservation found no page to evict here yet */
}

/* The page with its shard locked, to be left by `leave`; NULL: it is not there. */
static ls_cached *enter(uint64_t serial, uint32_t ordinal, ls_shard **s) {
  uint64_t h = ls__shard_hash(serial, ordinal);
  *s = shard_of(h);
  sqlite3_mutex_enter((*s)->mutex);
  return ls__shard_find(*s, h, serial, ordinal);
}

static void leave(ls_shard *s) { sqlite3_mutex_leave(s->mutex); }

int ls__cache_has(uint64_t serial, uint32_t ordinal) {
  ls_shard *s;
  int has = enter(serial, ordinal, &s) != NULL;
  leave(s);
  return has;
}

int ls__cache_hot(uint64_t serial, uint32_t ordinal) {
  ls_shard *s;
  ls_cached *page = enter(serial, ordinal, &s);
  int hot = page != NULL && atomic_load_explicit(&page->recent, memory_order_relaxed);
  leave(s);
  return hot;
}

int ls__cache_given(uint64_t serial, uint32_t ordinal) {
  ls_shard *s;
  ls_cached *page = enter(serial, ordinal, &s);
  int given = page != NULL && atomic_load_explicit(&page->recent, memory_order_relaxed) &&
              atomic_load_explicit(&page->block->used, memory_order_relaxed);
  leave(s);
  return given;
}

void ls__cache_heat(uint64_t serial, uint32_t ordinal) {
  ls_shard *s;
  ls_cached *page = enter(serial, ordinal, &s);
  if (page != NULL)
    heat(page);
  leave(s);
}

void ls__cache_alias(uint64_t serial, uint32_t ordinal, uint64_t other_serial, uint32_t other_ordinal) {
  ls_shard *s;
  ls_block *block = NULL;
  int hot = 0;
  ls_cached *page = enter(serial, ordinal, &s);
  if (page != NULL) {
    block = page->block;
    atomic_fetch_add_explicit(&block->refs, 1, memory_order_relaxed);
    hot = (int)atomic_exchange_explicit(&page->recent, 0, memory_order_relaxed);
  }
  leave(s);
  if (block == NULL)
    return;
  ls_cached *other = NULL;
  if (obtain(alias_cost(), 0, NULL) && (other = sqlite3_malloc64(sizeof *other)) == NULL)
    atomic_fetch_sub(&cache.used, alias_cost());
  if (other == NULL) {
    drop_block(block);
    return;
  }
  name(other, other_serial, other_ordinal, block);
  ls__cache_put(other, hot);
}

uint32_t ls__cache_keys(uint32_t part, ls_cache_key **keys) {
  ls_shard *s = &cache.shards[part];
  uint32_t n = 0;
  sqlite3_mutex_enter(s->mutex);
  *keys = s->count > 0 ? sqlite3_malloc64(s->count * sizeof **keys) : NULL;
  for (const ls_cached *page = s->hand; *keys != NULL && n < s->count; page = page->at.ring.newer)
    (*keys)[n++] = (ls_cache_key){page->serial, page->ordinal};
  sqlite3_mutex_leave(s->mutex);
  return n;
}

/* ------------------------------------------------------------------------------------------------------------ reading */

static void copy(ls_cached *page, uint8_t *buf, uint32_t from, uint32_t n) {
  ls_block *block = page->block;
  memcpy(buf, block->bytes + from, n);
  heat(page);
  if (!atomic_load_explicit(&block->used, memory_order_relaxed))
    atomic_store_explicit(&block->used, 1, memory_order_relaxed);
}

static int read_locked(const ls_file *file, uint32_t ordinal, uint8_t *buf, uint32_t from, uint32_t n) {
  ls_shard *s;
  ls_cached *page = enter(file->serial, ordinal, &s);
  if (page != NULL)
    copy(page, buf, from, n);
  else
    s->misses++;
  leave(s);
  return page != NULL;
}

int ls__cache_read(ls_guard *guard, const ls_file *file, uint32_t ordinal, uint8_t *buf, uint32_t from,
                   uint32_t n) {
  uint64_t h = ls__shard_hash(file->serial, ordinal);
  ls__guard_set(guard);
  ls_cached *page = ls__shard_find(shard_of(h), h, file->serial, ordinal);
  if (page != NULL)
    copy(page, buf, from, n);
  ls__guard_clear(guard);
  return page != NULL || read_locked(file, ordinal, buf, from, n);
}

/* ------------------------------------------------------------------------------------------------- limit, diagnostics */

uint64_t ls__cache_budget(void) { return atomic_load_explicit(&cache.limit, memory_order_relaxed); }

void ls_cache_limit(uint64_t bytes) {
  uint64_t used = atomic_load(&cache.used);
  atomic_store(&cache.limit, bytes);
  if (!atomic_load(&cache.ready))
    return;
  shrink();
  for (unsigned i = 0; (used > bytes || bytes == 0) && i < SHARDS; i++) {
    ls_shard *s = &cache.shards[i];
    ls_retired *outgrown = NULL;
    sqlite3_mutex_enter(s->mutex);
    ls__shard_trim(s, &outgrown);
    sqlite3_mutex_leave(s->mutex);
    if (outgrown != NULL)
      ls__epoch_retire(outgrown);
  }
}

void ls__cache_stats(ls_stats *out) {
  out->hits = out->misses = 0;
  out->cache_limit = atomic_load(&cache.limit);
  if (atomic_load(&cache.ready)) { /* else SQLite has not loaded the library yet, so there are no mutexes */
    shrink();
    for (unsigned i = 0; i < SHARDS; i++) {
      ls_shard *s = &cache.shards[i];
      sqlite3_mutex_enter(s->mutex);
      out->misses += s->misses;
      sqlite3_mutex_leave(s->mutex);
    }
    out->hits = ls__guard_looks() - out->misses;
  }
  out->cache_bytes = atomic_load(&cache.used);
  out->wasted_bytes = atomic_load_explicit(&cache.wasted, memory_order_relaxed);
}

/* A block counts with the last of its names; its first may have gone. */
static void count(const ls_cached *page, void *context) {
  uint64_t *bytes = context;
  ls_block *block = page->block;
  if (page != &block->first)
    *bytes += alias_cost();
  if (++block->seen == atomic_load(&block->refs)) {
    block->seen = 0;
    *bytes += block_cost(block->size);
  }
}

int ls__cache_check(void) {
  uint64_t bytes = 0;
  ls__epoch_retire(NULL);
  drop_spares();
  for (unsigned i = 0; i < SHARDS; i++)
    if (!ls__shard_check(&cache.shards[i], count, &bytes))
      return 0;
  return bytes == atomic_load(&cache.used) && bytes <= atomic_load(&cache.limit);
}

/*
** cache.c - a sharded CLOCK cache with one exact budget.
**
** A shard is a hash table of chained buckets, and a ring of its pages with a clock hand. Eviction moves the hand: a page
** that was read since the last pass gets one more round, the next other one goes. New pages enter just behind the hand,
** so they have a full round before them.
**
** The budget is one atomic number for all shards. A reservation adds to it first and takes itself back when that was
** too much; then it evicts one page, of the shards in turn, and tries again. So memory is allocated only under a
** reservation that fits, with any number of threads. Two threads at the edge may evict a page more than needed, which
** is harmless. No thread ever holds two shard locks.
*/
#include "cache.h"

#include <stdatomic.h>
#include <string.h>

#include "file.h"

#define SHARDS 16u /* a hit holds a lock for one page copy, 0.1 us: 16 make collisions rare */
#define DEFAULT_LIMIT (UINT64_C(64) << 20)
#define FIRST_BUCKETS 64u
#define BUCKET_SHARE                                                                                         \
  (2 * sizeof(void *)) /* a page's part of the buckets: the table doubles at one page a bucket */

typedef struct shard {
  sqlite3_mutex *mutex;
  ls_cached **buckets; /* NULL while empty */
  uint32_t bucket_count;
  uint32_t count;
  ls_cached *hand; /* the next candidate; NULL while empty */
  uint64_t hits, misses;
  char apart[64]; /* keeps the next shard off this one's cache line */
} shard;

static struct {
  shard shards[SHARDS];
  atomic_int ready;
  _Atomic uint64_t limit;
  _Atomic uint64_t used;
  atomic_uint turn; /* the shard that evicts next */
} cache = {.limit = DEFAULT_LIMIT};

static uint64_t cost(uint32_t size) { return sizeof(ls_cached) + BUCKET_SHARE + size; }

/* Neighbours in a file must spread over shards and buckets. Shards take the top bits, buckets the low ones. */
static uint64_t hash(uint64_t serial, uint32_t ordinal) {
  uint64_t h = serial * UINT64_C(0x9E3779B97F4A7C15) + ordinal;
  h = (h ^ h >> 31) * UINT64_C(0xD6E8FEB86659FD93);
  return h ^ h >> 29;
}

static shard *shard_of(uint64_t h) { return &cache.shards[h >> 60]; }

static ls_cached **bucket_of(const shard *s, uint64_t h) { return &s->buckets[h & (s->bucket_count - 1)]; }

static ls_cached *find(const shard *s, uint64_t h, uint64_t serial, uint32_t ordinal) {
  if (s->buckets == NULL)
    return NULL;
  ls_cached *page = *bucket_of(s, h);
  while (page != NULL && (page->serial != serial || page->ordinal != ordinal))
    page = page->chain;
  return page;
}

/* Changes the number of buckets, a power of two. Without memory for it the table stays, with longer chains. */
static void resize(shard *s, uint32_t bucket_count) {
  uint64_t bytes = bucket_count * sizeof(ls_cached *);
  ls_cached **buckets = sqlite3_malloc64(bytes);
  if (buckets == NULL)
    return;
  memset(buckets, 0, bytes);
  ls_cached **old = s->buckets;
  uint32_t old_count = s->bucket_count;
  s->buckets = buckets;
  s->bucket_count = bucket_count;
  for (uint32_t i = 0; i < old_count; i++) {
    for (ls_cached *page = old[i], *after; page != NULL; page = after) {
      after = page->chain;
      ls_cached **bucket = bucket_of(s, hash(page->serial, page->ordinal));
      page->chain = *bucket;
      *bucket = page;
    }
  }
  sqlite3_free(old);
}

static void unlink_page(shard *s, ls_cached *page) {
  ls_cached **link = bucket_of(s, hash(page->serial, page->ordinal));
  while (*link != page)
    link = &(*link)->chain;
  *link = page->chain;
  s->hand = page->newer == page ? NULL : page->newer;
  page->older->newer = page->newer;
  page->newer->older = page->older;
  s->count--;
}

/* Takes the first page from the hand on that was not read since the last round. Needs the lock; NULL when empty. */
static ls_cached *take_victim(shard *s) {
  if (s->hand == NULL)
    return NULL;
  while (s->hand->recent) {
    s->hand->recent = 0;
    s->hand = s->hand->newer;
  }
  ls_cached *victim = s->hand;
  unlink_page(s, victim);
  return victim;
}

static int evict_one(void) {
  for (unsigned i = 0; i < SHARDS; i++) {
    shard *s = &cache.shards[atomic_fetch_add_explicit(&cache.turn, 1, memory_order_relaxed) % SHARDS];
    sqlite3_mutex_enter(s->mutex);
    ls_cached *victim = take_victim(s);
    sqlite3_mutex_leave(s->mutex);
    if (victim != NULL) {
      ls__cache_drop(victim);
      return 1;
    }
  }
  return 0;
}

/* The sum is made before the limit is read, and ls_cache_limit sets the limit before it reads the sum: one of the two
** sees the other, so a limit that shrinks meanwhile is kept too. */
static int reserve(uint64_t n) {
  for (;;) {
    uint64_t limit = atomic_load(&cache.limit);
    if (n > limit)
      return 0;
    uint64_t used = atomic_fetch_add(&cache.used, n) + n;
    if (used <= atomic_load(&cache.limit))
      return 1;
    atomic_fetch_sub(&cache.used, n);
    if (!evict_one())
      return 0;
  }
}

int ls__cache_init(void) {
  sqlite3_mutex *once = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_VFS3);
  int rc = SQLITE_OK;
  sqlite3_mutex_enter(once);
  if (!atomic_load(&cache.ready)) {
    for (unsigned i = 0; i < SHARDS; i++) {
      shard *s = &cache.shards[i];
      if (s->mutex == NULL)
        s->mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
      if (s->mutex == NULL && once != NULL)
        rc = SQLITE_NOMEM; /* once is NULL in a SQLite without mutexes */
    }
    if (rc == SQLITE_OK)
      atomic_store(&cache.ready, 1);
  }
  sqlite3_mutex_leave(once);
  return rc;
}

ls_cached *ls__cache_new(uint64_t serial, uint32_t ordinal, uint32_t size) {
  if (!atomic_load(&cache.ready) || !reserve(cost(size)))
    return NULL;
  ls_cached *page = sqlite3_malloc64(sizeof(ls_cached) + size);
  if (page == NULL) {
    atomic_fetch_sub(&cache.used, cost(size));
    return NULL;
  }
  page->chain = NULL;
  page->serial = serial;
  page->ordinal = ordinal;
  page->size = size;
  return page;
}

/* Just behind the hand: last in the round that the hand begins. */
static void link_page(shard *s, uint64_t h, ls_cached *page) {
  ls_cached **bucket = bucket_of(s, h);
  page->chain = *bucket;
  *bucket = page;
  if (s->hand == NULL) {
    page->older = page->newer = page;
    s->hand = page;
  } else {
    page->newer = s->hand;
    page->older = s->hand->older;
    page->older->newer = page;
    page->newer->older = page;
  }
  s->count++;
}

void ls__cache_put(ls_cached *page, int wanted) {
  uint64_t h = hash(page->serial, page->ordinal);
  shard *s = shard_of(h);
  page->recent = wanted != 0;
  sqlite3_mutex_enter(s->mutex);
  if (s->count >= s->bucket_count)
    resize(s, s->bucket_count == 0 ? FIRST_BUCKETS : s->bucket_count * 2);
  int keep = s->buckets != NULL && find(s, h, page->serial, page->ordinal) == NULL;
  if (keep)
    link_page(s, h, page);
  sqlite3_mutex_leave(s->mutex);
  if (!keep)
    ls__cache_drop(page);
  /* A limit that shrank after the reservation found no page to evict here yet. */
  while (atomic_load(&cache.used) > atomic_load(&cache.limit) && evict_one())
    ;
}

void ls__cache_drop(ls_cached *page) {
  uint64_t bytes = cost(page->size);
  sqlite3_free(page);
  atomic_fetch_sub(&cache.used, bytes);
}

int ls__cache_has(uint64_t serial, uint32_t ordinal) {
  uint64_t h = hash(serial, ordinal);
  shard *s = shard_of(h);
  sqlite3_mutex_enter(s->mutex);
  int found = find(s, h, serial, ordinal) != NULL;
  sqlite3_mutex_leave(s->mutex);
  return found;
}

int ls__cache_read(const ls_file *file, uint32_t ordinal, uint8_t *buf, uint32_t from, uint32_t n) {
  uint64_t h = hash(file->serial, ordinal);
  shard *s = shard_of(h);
  sqlite3_mutex_enter(s->mutex);
  ls_cached *page = find(s, h, file->serial, ordinal);
  if (page != NULL) {
    memcpy(buf, page->bytes + from, n);
    page->recent = 1;
    s->hits++;
  } else {
    s->misses++;
  }
  sqlite3_mutex_leave(s->mutex);
  return page != NULL;
}

/* Gives back buckets that the pages left behind, all of them when no page is left. */
static void trim_buckets(shard *s) {
  sqlite3_mutex_enter(s->mutex);
  if (s->count == 0) {
    sqlite3_free(s->buckets);
    s->buckets = NULL;
    s->bucket_count = 0;
  }
  uint32_t bucket_count = s->bucket_count;
  while (bucket_count > FIRST_BUCKETS && bucket_count / 2 >= s->count)
    bucket_count /= 2;
  if (bucket_count != s->bucket_count)
    resize(s, bucket_count);
  sqlite3_mutex_leave(s->mutex);
}

uint64_t ls__cache_budget(void) { return atomic_load_explicit(&cache.limit, memory_order_relaxed); }

void ls_cache_limit(uint64_t bytes) {
  atomic_store(&cache.limit, bytes);
  if (!atomic_load(&cache.ready))
    return;
  int shrunk = 0;
  while (atomic_load(&cache.used) > bytes && evict_one())
    shrunk = 1;
  for (unsigned i = 0; (shrunk || bytes == 0) && i < SHARDS; i++)
    trim_buckets(&cache.shards[i]);
}

void ls__cache_stats(ls_stats *out) {
  out->cache_bytes = atomic_load(&cache.used);
  out->cache_limit = atomic_load(&cache.limit);
  out->hits = out->misses = 0;
  if (!atomic_load(&cache.ready))
    return; /* SQLite has not loaded the library yet, so there are no mutexes */
  for (unsigned i = 0; i < SHARDS; i++) {
    shard *s = &cache.shards[i];
    sqlite3_mutex_enter(s->mutex);
    out->hits += s->hits;
    out->misses += s->misses;
    sqlite3_mutex_leave(s->mutex);
  }
}

static int check_shard(const shard *s, uint64_t *bytes) {
  uint32_t chained = 0, ringed = 0;
  for (uint32_t i = 0; i < s->bucket_count; i++) {
    for (const ls_cached *page = s->buckets[i]; page != NULL; page = page->chain, chained++) {
      uint64_t h = hash(page->serial, page->ordinal);
      if (shard_of(h) != s || bucket_of(s, h) != &s->buckets[i])
        return 0;
      *bytes += cost(page->size);
    }
  }
  const ls_cached *page = s->hand;
  while (page != NULL && ringed <= s->count) {
    if (page->newer->older != page)
      return 0;
    ringed++;
    page = page->newer == s->hand ? NULL : page->newer;
  }
  return chained == s->count && ringed == s->count;
}

int ls__cache_check(void) {
  uint64_t bytes = 0;
  for (unsigned i = 0; i < SHARDS; i++)
    if (!check_shard(&cache.shards[i], &bytes))
      return 0;
  return bytes == atomic_load(&cache.used) && bytes <= atomic_load(&cache.limit);
}

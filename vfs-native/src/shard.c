/*
** shard.c - see shard.h.
*/
#include "shard.h"

#include <string.h>

#define FIRST_BUCKETS 64u

static _Atomic(ls_cached *) *bucket_of(ls_table *t, uint64_t hash) { return &t->bucket[hash & t->mask]; }

static ls_table *table_of(ls_shard *s) { return atomic_load(&s->table); }

static uint32_t buckets_of(ls_shard *s) {
  const ls_table *t = table_of(s);
  return t == NULL ? 0 : t->mask + 1;
}

static uint64_t hash_of(const ls_cached *page) { return ls__shard_hash(page->serial, page->ordinal); }

static void push(ls_table *t, uint64_t hash, ls_cached *page) {
  _Atomic(ls_cached *) *bucket = bucket_of(t, hash);
  atomic_store(&page->chain, atomic_load(bucket));
  atomic_store(bucket, page);
}

static void release_table(ls_retired *retired) { sqlite3_free(retired); }

/* Replaces the table by one of `buckets`, a power of two, or 0 for none. Without memory for it the table stays, with
** longer chains. */
static void resize(ls_shard *s, uint32_t buckets, ls_retired **outgrown) {
  ls_table *old = table_of(s), *t = NULL;
  if (buckets > 0) {
    uint64_t bytes = sizeof *t + buckets * sizeof *t->bucket;
    t = sqlite3_malloc64(bytes);
    if (t == NULL)
      return;
    memset(t, 0, bytes);
    t->mask = buckets - 1;
  }
  for (uint32_t i = 0; t != NULL && old != NULL && i <= old->mask; i++) {
    for (ls_cached *page = atomic_load(&old->bucket[i]), *after; page != NULL; page = after) {
      after = atomic_load(&page->chain);
      push(t, hash_of(page), page);
    }
  }
  atomic_store(&s->table, t);
  if (old != NULL) {
    old->retired = (ls_retired){.release = release_table};
    *outgrown = &old->retired;
  }
}

int ls__shard_grow(ls_shard *s, ls_retired **outgrown) {
  uint32_t buckets = buckets_of(s);
  if (s->count >= buckets)
    resize(s, buckets == 0 ? FIRST_BUCKETS : buckets * 2, outgrown);
  return table_of(s) != NULL;
}

void ls__shard_insert(ls_shard *s, uint64_t hash, ls_cached *page) {
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
  push(table_of(s), hash, page);
}

/* Readers that have come to the page go on from it: its chain stays as it is. */
static void unlink_page(ls_shard *s, ls_cached *page) {
  _Atomic(ls_cached *) *link = bucket_of(table_of(s), hash_of(page));
  for (ls_cached *other; (other = atomic_load(link)) != page;)
    link = &other->chain;
  atomic_store(link, atomic_load(&page->chain));
  ls_cached *older = page->at.ring.older, *newer = page->at.ring.newer;
  s->hand = newer == page ? NULL : newer;
  older->at.ring.newer = newer;
  newer->at.ring.older = older;
  s->count--;
}

ls_cached *ls__shard_take_victim(ls_shard *s) {
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

void ls__shard_trim(ls_shard *s, ls_retired **outgrown) {
  uint32_t buckets = buckets_of(s), fewer = s->count == 0 ? 0 : buckets;
  while (fewer > FIRST_BUCKETS && fewer / 2 >= s->count)
    fewer /= 2;
  if (fewer != buckets)
    resize(s, fewer, outgrown);
}

int ls__shard_check(ls_shard *s, void (*each)(const ls_cached *page, void *context), void *context) {
  ls_table *t = table_of(s);
  uint32_t chained = 0, ringed = 0;
  for (uint32_t i = 0; t != NULL && i <= t->mask; i++) {
    ls_cached *page = atomic_load(&t->bucket[i]);
    for (; page != NULL; page = atomic_load(&page->chain), chained++) {
      if (bucket_of(t, hash_of(page)) != &t->bucket[i])
        return 0;
      each(page, context);
    }
  }
  for (const ls_cached *page = s->hand; page != NULL && ringed <= s->count; ringed++) {
    if (page->at.ring.newer->at.ring.older != page)
      return 0;
    page = page->at.ring.newer == s->hand ? NULL : page->at.ring.newer;
  }
  return chained == s->count && ringed == s->count;
}

/*
** test_cache.c - the page cache: what comes out is what went in, the budget is never exceeded, memory comes back.
*/
#define _XOPEN_SOURCE 700

#include <pthread.h>

#include "cache.h"
#include "check.h"
#include "file.h"
#include "stub_api.h"

/* The locks of the shards, of the spares, and of the epochs. */
#define BLOCKS 18

static ls_guard guard;

/* Of a file the cache looks at the serial only. */
static ls_file *file_of(uint64_t serial) {
  ls_file *f = calloc(1, sizeof(ls_file) + 1);
  CHECK(f != NULL);
  f->serial = serial;
  return f;
}

static uint8_t content(uint64_t serial, uint32_t ordinal, uint32_t at) {
  return (uint8_t)(serial * 31 + ordinal * 7 + at / 3);
}

static int add(uint64_t serial, uint32_t ordinal, uint32_t size, int wanted) {
  ls_cached *page = ls__cache_new(serial, ordinal, size);
  if (page == NULL)
    return 0;
  for (uint32_t i = 0; i < size; i++)
    page->block->bytes[i] = content(serial, ordinal, i);
  ls__cache_put(page, wanted);
  return 1;
}

static int lookup(uint64_t serial, uint32_t ordinal, uint32_t from, uint32_t n) {
  static uint8_t buffer[65536];
  ls_file *f = file_of(serial);
  int hit = ls__cache_read(&guard, f, ordinal, buffer, from, n);
  if (hit)
    for (uint32_t i = 0; i < n; i++)
      CHECK_INT(content(serial, ordinal, from + i), buffer[i]);
  free(f);
  return hit;
}

static ls_stats stats(void) {
  ls_stats s;
  ls_stats_get(&s);
  return s;
}

static void test_before_init(void) {
  CHECK(ls__cache_new(1, 0, 512) == NULL);
  ls_cache_limit(UINT64_C(64) << 20);
  CHECK_INT(0, stats().cache_bytes);
  stub_fail_malloc(5, 0);
  CHECK_INT(SQLITE_NOMEM, ls__cache_init());
  CHECK(ls__cache_new(1, 0, 512) == NULL);
  stub_fail_malloc(0, 0);
  CHECK_INT(SQLITE_OK, ls__cache_init());
  CHECK_INT(SQLITE_OK, ls__cache_init());
  CHECK_INT(BLOCKS, stub_blocks());
  CHECK_INT(UINT64_C(64) << 20, stats().cache_limit);
}

static void test_small_budgets(void) {
  ls_cache_limit(0);
  CHECK(!add(1, 0, 512, 1));
  ls_cache_limit(512);
  CHECK(!add(1, 0, 512, 1));
  ls_cache_limit(700);
  CHECK(add(1, 0, 512, 1));
  CHECK(lookup(1, 0, 0, 512));
  CHECK(add(1, 1, 512, 1));
  CHECK(lookup(1, 1, 100, 16));
  CHECK(!lookup(1, 0, 0, 512));
  CHECK(!add(1, 2, 1024, 1)); /* does not fit, and does not cost what is there */
  CHECK(lookup(1, 1, 0, 512));
  CHECK(ls__cache_check());
  ls_cache_limit(0);
  CHECK_INT(0, stats().cache_bytes);
  CHECK_INT(BLOCKS, stub_blocks());
}

static void test_equal_keys(void) {
  ls_cache_limit(1 << 20);
  CHECK(add(2, 5, 512, 0));
  uint64_t bytes = stats().cache_bytes;
  CHECK(add(2, 5, 512, 1));
  CHECK_INT(bytes, stats().cache_bytes);
  CHECK(ls__cache_has(2, 5));
  CHECK(!ls__cache_has(2, 6));
  CHECK(!ls__cache_has(3, 5));
  ls_cached *page = ls__cache_new(2, 6, 512);
  CHECK(page != NULL);
  CHECK(!ls__cache_has(2, 6));
  CHECK(stats().cache_bytes > bytes); /* counted while it is being filled */
  ls__cache_drop(page);
  CHECK_INT(bytes, stats().cache_bytes);
  ls_cache_limit(0);
}

static void test_counters(void) {
  ls_cache_limit(1 << 20);
  ls_stats before = stats();
  CHECK(add(4, 0, 512, 1));
  lookup(4, 0, 0, 512);
  lookup(4, 0, 0, 1);
  lookup(4, 1, 0, 1);
  ls__cache_has(4, 0);
  CHECK_INT(before.hits + 2, stats().hits);
  CHECK_INT(before.misses + 1, stats().misses);
  ls_cache_limit(0);
}

static void add_ahead(uint64_t serial, uint32_t ordinal) {
  ls_cached *page = ls__cache_new(serial, ordinal, 512);
  CHECK(page != NULL);
  page->block->unasked = 100;
  for (uint32_t i = 0; i < 512; i++)
    page->block->bytes[i] = content(serial, ordinal, i);
  ls__cache_put(page, 0);
}

/* What came ahead counts when it goes unread, under whatever name, and once. */
static void test_waste(void) {
  ls_cache_limit(1 << 20);
  uint64_t before = stats().wasted_bytes;
  CHECK(add(5, 0, 512, 1)); /* asked for */
  for (uint32_t i = 1; i <= 10; i++)
    add_ahead(5, i);
  CHECK(lookup(5, 1, 0, 512));
  CHECK(lookup(5, 2, 7, 1));
  ls__cache_alias(5, 3, 6, 3);
  CHECK(add(6, 4, 512, 1));
  CHECK_INT(before, stats().wasted_bytes);
  add_ahead(5, 10); /* there already */
  CHECK_INT(before + 100, stats().wasted_bytes);
  ls_cached *page = ls__cache_new(6, 3, 512);
  CHECK(page != NULL);
  ls__cache_drop(page);
  ls_file *f = file_of(6);
  uint8_t byte;
  CHECK(ls__cache_read(&guard, f, 3, &byte, 0, 1)); /* the page that came as (5, 3) */
  free(f);
  ls_cache_limit(0);
  CHECK_INT(before + 100 + 7 * 100, stats().wasted_bytes); /* 4 to 10 */
  ls_cache_limit(1 << 20);
  CHECK(add(5, 4, 512, 0)); /* a spare's past does not count */
  ls_cache_limit(0);
  ls__cache_wasted(3);
  CHECK_INT(before + 100 + 7 * 100 + 3, stats().wasted_bytes);
}

/* A hit takes no lock; what a reader looks at meanwhile stays, evicted or not, and counts until it looks away. */
static void test_no_locks(void) {
  ls_cache_limit(1 << 20);
  for (uint32_t i = 0; i < 100; i++)
    add(8, i, 512, 1);
  uint64_t before = stub_locks_taken();
  for (uint32_t i = 0; i < 100; i++)
    CHECK(lookup(8, i, 0, 512));
  CHECK_INT(before, stub_locks_taken());
  CHECK(!lookup(8, 100, 0, 1));
  CHECK_INT(before + 1, stub_locks_taken());
  ls_cache_limit(0);
}

static void test_a_look_keeps_memory(void) {
  ls_cache_limit(1 << 20);
  CHECK(add(9, 0, 512, 1));
  uint64_t bytes = stats().cache_bytes;
  ls__guard_set(&guard);
  ls_cache_limit(bytes - 1);
  CHECK(!ls__cache_has(9, 0));
  CHECK_INT(bytes, stats().cache_bytes);
  CHECK(!add(9, 1, 512, 1)); /* not over the budget, and it does not wait */
  ls__guard_clear(&guard);
  CHECK_INT(0, stats().cache_bytes);
  CHECK(!add(9, 1, 512, 1));
  ls_cache_limit(bytes);
  CHECK(add(9, 1, 512, 1));
  ls__guard_set(&guard); /* began after the page was evicted, so it keeps only what comes after */
  ls_cache_limit(0);
  ls__guard_clear(&guard);
  CHECK_INT(0, stats().cache_bytes);
}

/* What is read again survives a scan of pages that came along with others. */
static void test_scan_resistance(void) {
  ls_cache_limit(1 << 20);
  for (uint32_t i = 0; i < 50; i++)
    add(5, i, 4096, 1);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < 2000; i++) {
    add(6, i, 4096, 0);
    if (i % 40 == 0)
      for (uint32_t hot = 0; hot < 50; hot++)
        lookup(5, hot, 0, 1);
  }
  for (uint32_t hot = 0; hot < 50; hot++)
    kept += (uint32_t)lookup(5, hot, 0, 4096);
  CHECK_INT(50, kept);
  CHECK(ls__cache_check());
  ls_cache_limit(0);
}

static void test_random(uint64_t seed) {
  printf("cache: seed %" PRIu64 "\n", seed);
  uint64_t hits = 0;
  for (int step = 0; step < 200000; step++) {
    uint64_t serial = 10 + random_below(&seed, 8);
    uint32_t size = 512u << (serial - 10), ordinal = (uint32_t)random_below(&seed, 200);
    uint64_t what = random_below(&seed, 1000);
    if (what < 400) {
      add(serial, ordinal, size, (int)(what & 1));
    } else if (what < 998) {
      uint32_t from = (uint32_t)random_below(&seed, size);
      hits += (uint64_t)lookup(serial, ordinal, from, (uint32_t)random_below(&seed, size - from + 1) % 200);
    } else if (what < 999) {
      ls_cache_limit(random_below(&seed, 4 << 20));
    } else {
      ls_cache_limit(8 << 20);
    }
    ls_stats s = stats();
    CHECK(s.cache_bytes <= s.cache_limit);
    if (step % 1000 == 0)
      CHECK(ls__cache_check());
  }
  printf("cache: %" PRIu64 " hits compared\n", hits);
  CHECK(hits > 10000);
  CHECK_INT(0, stub_locks_held());
  ls_cache_limit(0);
  CHECK_INT(BLOCKS, stub_blocks());
}

/* Every allocation fails once: a page is kept or not, nothing else. */
static void test_no_memory(void) {
  ls_cache_limit(1 << 20);
  for (uint64_t n = 1; n < 200; n++) {
    stub_fail_malloc(n, 0);
    for (uint32_t i = 0; i < 100; i++)
      add(20 + n, i, 512, 1);
    stub_fail_malloc(0, 0);
    for (uint32_t i = 0; i < 100; i++)
      lookup(20 + n, i, 0, 512);
    CHECK(ls__cache_check());
  }
  ls_cache_limit(0);
  CHECK_INT(BLOCKS, stub_blocks());
}

static atomic_int stop;

static void *worker(void *arg) {
  uint64_t seed = *(const uint64_t *)arg;
  uint8_t buffer[4096];
  ls_file *f = file_of(7), *alias = file_of(70);
  ls_guard own;
  ls__guard_add(&own);
  for (int i = 0; i < 40000; i++) {
    uint32_t ordinal = (uint32_t)random_below(&seed, 400), size = 4096;
    if (ls__cache_read(&own, f, ordinal, buffer, 0, size)) {
      for (uint32_t at = 0; at < size; at += 511)
        CHECK_INT(content(7, ordinal, at), buffer[at]);
    } else {
      add(7, ordinal, size, 1);
    }
    if (i % 8 == 0) /* names of the same pages, which come and go */
      ls__cache_alias(7, ordinal, 70, ordinal);
    if (ls__cache_read(&own, alias, ordinal, buffer, 0, size))
      for (uint32_t at = 0; at < size; at += 511)
        CHECK_INT(content(7, ordinal, at), buffer[at]);
  }
  free(alias);
  ls__guard_remove(&own);
  free(f);
  return NULL;
}

static void *limiter(void *arg) {
  uint64_t seed = 1;
  (void)arg;
  while (!stop)
    ls_cache_limit(random_below(&seed, 2 << 20));
  return NULL;
}

static void test_threads(void) {
  pthread_t threads[4], limits;
  uint64_t seeds[4] = {1, 2, 3, 4};
  ls_cache_limit(1 << 20);
  CHECK_INT(0, pthread_create(&limits, NULL, limiter, NULL));
  for (int i = 0; i < 4; i++)
    CHECK_INT(0, pthread_create(&threads[i], NULL, worker, &seeds[i]));
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  stop = 1;
  pthread_join(limits, NULL);
  CHECK(ls__cache_check());
  ls_cache_limit(0);
  CHECK_INT(0, stats().cache_bytes);
  CHECK_INT(BLOCKS, stub_blocks());
}

/* threads: only what several threads do, for a sanitizer that watches those. */
int main(int argc, char **argv) {
  stub_api_install();
  if (argc > 1 && strcmp(argv[1], "threads") == 0) {
    CHECK_INT(SQLITE_OK, ls__cache_init());
    test_threads();
    return 0;
  }
  test_before_init();
  ls__guard_add(&guard);
  test_small_budgets();
  test_equal_keys();
  test_counters();
  test_waste();
  test_no_locks();
  test_a_look_keeps_memory();
  test_scan_resistance();
  test_random(20261121);
  test_no_memory();
  test_threads();
  return 0;
}

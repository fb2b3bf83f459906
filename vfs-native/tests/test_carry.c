/*
** test_carry.c - files that take each other's place cost no request for pages that are in the cache.
*/
#include "cache.h"
#include "carry.h"
#include "file.h"
#include "model.h"
#include "reader.h"
#include "stub_api.h"
#include "view.h"

#define SIZE 512
#define PAGES 200
#define AMPLE (UINT64_C(1) << 20)

static char err[512];
static ls_db *db;
static ls_reader *reader;
static ls_view *view;

static void start(void) {
  ls_cache_limit(0);
  ls_cache_limit(AMPLE);
  db = model_db();
  CHECK_INT(SQLITE_OK, ls_reader_open(db, &reader));
}

static void stop(void) {
  ls_view_unref(view);
  view = NULL;
  ls_reader_close(reader);
  ls_db_close(db);
  CHECK(ls__cache_check());
  model_end();
}

static void publish(ls_view *next) {
  ls_view_unref(view);
  view = next;
  CHECK_INT(SQLITE_OK, ls_db_publish(db, view));
}

static void apply(ls_txid min, ls_txid max, int level, uint64_t version, const ls_pgno *pgnos, uint32_t n,
                  int ends) {
  model_spec spec = {SIZE, PAGES, min, max, level, 3, version};
  ls_file *file = model_file(db, &spec, pgnos, n, ends);
  ls_view *next = NULL;
  CHECK_OK(view ? ls_view_apply(db, view, file, &next, err, sizeof err)
                : ls_view_build(db, &file, 1, &next, err, sizeof err));
  ls_file_unref(file);
  publish(next);
}

/* The same state, from files of other names. */
static ls_view *rebuilt(ls_txid txid, int level, uint64_t version) {
  model_spec spec = {SIZE, PAGES, 1, txid, level, 3, version};
  ls_file *file = model_file(db, &spec, NULL, 0, 1);
  ls_view *same = NULL;
  CHECK_OK(ls_view_build(db, &file, 1, &same, err, sizeof err));
  ls_file_unref(file);
  CHECK_INT(SQLITE_OK, ls_view_same(same, view));
  return same;
}

static void check_read(ls_reader *by, ls_pgno pgno, uint64_t version) {
  uint8_t page[SIZE];
  CHECK_INT(SQLITE_OK, ls_reader_read(by, page, SIZE, (uint64_t)(pgno - 1) * SIZE));
  model_check_page(page, SIZE, pgno, version, 3);
}

/* How many requests it takes to read pages [1, last], those of `pgnos` in version 2, others in version 1. */
static uint32_t cost(ls_reader *by, ls_pgno last, const ls_pgno *pgnos, uint32_t n) {
  uint32_t before = host_does.fetches, i = 0;
  CHECK_INT(SQLITE_OK, ls_reader_pin(by));
  for (ls_pgno pgno = 1; pgno <= last; pgno++) {
    int second = i < n && pgnos[i] == pgno;
    check_read(by, pgno, second ? 2 : 1);
    i += (uint32_t)second;
  }
  ls_reader_unpin(by);
  return host_does.fetches - before;
}

static ls_file *file_of(ls_pgno pgno, uint32_t *ordinal) {
  ls_file *file;
  CHECK(ls__view_find(view, pgno, &file, ordinal));
  return file;
}

static int hot(ls_pgno pgno) {
  uint32_t ordinal;
  const ls_file *file = file_of(pgno, &ordinal);
  return ls__cache_hot(file->serial, ordinal);
}

static int cached(ls_pgno pgno) {
  uint32_t ordinal;
  const ls_file *file = file_of(pgno, &ordinal);
  return ls__cache_has(file->serial, ordinal);
}

static const ls_pgno changed[] = {2, 7, 8, 150};
#define CHANGED 4

static void start_with_two_states(void) {
  start();
  apply(1, 1, 9, 1, NULL, 0, 0);
  apply(2, 2, 0, 2, changed, CHANGED, 0);
  CHECK_INT(0, cost(reader, PAGES, changed, CHANGED));
}

static void a_compaction_costs_nothing(void) {
  start_with_two_states();
  uint64_t before = ls__view_info(view)->state;
  for (int level = 1; level <= 3; level++) {
    apply(2, 2, level, 2, changed, CHANGED, 1);
    CHECK_INT(before, ls__view_info(view)->state);
    CHECK_INT(2, ls__view_info(view)->files);
    CHECK_INT(0, cost(reader, PAGES, changed, CHANGED));
  }
  stop();
}

static void a_snapshot_costs_nothing_also_for_who_stays(void) {
  start_with_two_states();
  ls_reader *stays;
  CHECK_INT(SQLITE_OK, ls_reader_open(db, &stays));
  CHECK_INT(SQLITE_OK, ls_reader_pin(stays));
  publish(rebuilt(
      2, 9, 1)); /* the model gives all its pages one version, so those of version 2 are not read from it */
  CHECK_INT(1, ls__view_info(view)->files);
  CHECK_INT(0, cost(reader, PAGES, changed, CHANGED));
  CHECK_INT(0, cost(stays, PAGES, changed, CHANGED));
  ls_reader_close(stays);
  stop();
}

static void check_held(uint32_t expected) {
  uint32_t pages, held;
  ls__view_held(view, &pages, &held);
  CHECK_INT(PAGES, pages);
  CHECK_INT(expected, held);
}

/* Of the newest state: a page counts once, by whatever names it is known, and not for what it was before. */
static void what_is_held_of_a_state_is_counted(void) {
  start_with_two_states();
  check_held(PAGES);
  apply(3, 3, 0, 3, changed, CHANGED, 1);
  check_held(PAGES - CHANGED);
  ls_cache_limit(0);
  check_held(0);
  ls_cache_limit(AMPLE);
  check_read(reader, 150, 3);
  uint32_t ordinal;
  const ls_file *small = file_of(150, &ordinal);
  CHECK(small->size <= LS_WHOLE_MAX);
  check_held(CHANGED);
  stub_fail_malloc(1, 1);
  check_held(0);
  stub_fail_malloc(0, 0);
  stop();
}

/* What was not in the cache is not invented. */
static void only_what_is_cached_is_carried(void) {
  start();
  apply(1, 1, 9, 1, NULL, 0, 1);
  publish(rebuilt(1, 9, 1));
  CHECK_INT(1, cost(reader, PAGES, NULL, 0));
  stop();
}

/* An object that replaced another under its name is read. */
static void the_same_name_is_not_trusted(void) {
  start_with_two_states();
  apply(2, 2, 0, 2, changed, CHANGED, 1);
  CHECK_INT(1, cost(reader, PAGES, changed, CHANGED));
  stop();
}

static void bytes_are_shared(void) {
  ls_stats before, after;
  start_with_two_states();
  ls_stats_get(&before);
  publish(rebuilt(2, 9, 1));
  ls_stats_get(&after);
  CHECK(after.cache_bytes > before.cache_bytes);
  CHECK(after.cache_bytes - before.cache_bytes < PAGES * 128);
  stop();
}

/* In a budget without room for second names, the old ones go, and nearly all pages stay. */
static void a_full_cache_keeps_what_is_carried(void) {
  ls_stats full;
  uint32_t kept = 0;
  start();
  apply(1, 1, 8, 1, NULL, 0, 0);
  CHECK_INT(0, cost(reader, PAGES, NULL, 0));
  ls_stats_get(&full);
  ls_cache_limit(full.cache_bytes);
  publish(rebuilt(1, 9, 1));
  for (ls_pgno pgno = 1; pgno <= PAGES; pgno++)
    kept += (uint32_t)cached(pgno);
  CHECK(kept >= PAGES * 3 / 4);
  CHECK(ls__cache_check());
  CHECK(cost(reader, PAGES, NULL, 0) <= PAGES - kept);
  stop();
}

static void a_commit_keeps_hot_pages_hot(void) {
  start();
  apply(1, 1, 9, 1, NULL, 0, 0);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  check_read(reader, 7, 1);
  check_read(reader, 150, 1);
  ls_reader_unpin(reader);
  CHECK(hot(7) && hot(150) && !hot(8) && !hot(2));
  apply(2, 2, 0, 2, changed, CHANGED, 0);
  CHECK(hot(7) && hot(150) && !hot(8) && !hot(2));
  apply(2, 2, 1, 2, changed, CHANGED, 1);
  CHECK(hot(7) && hot(150) && !hot(8) && !hot(2));
  stop();
}

/* Without memory nothing is carried, and nothing else is different. */
static void out_of_memory(void) {
  for (uint64_t n = 1; n < 60; n++) {
    start_with_two_states();
    ls_view *same = NULL;
    model_spec spec = {SIZE, PAGES, 1, 2, 9, 3, 1};
    ls_file *file = model_file(db, &spec, NULL, 0, 1);
    CHECK_OK(ls_view_build(db, &file, 1, &same, err, sizeof err));
    stub_fail_malloc(n, 1);
    CHECK_INT(SQLITE_OK, ls_view_same(same, view));
    stub_fail_malloc(0, 0);
    ls_view_unref(same);
    ls_file_unref(file);
    CHECK_INT(0, cost(reader, PAGES, changed, CHANGED));
    CHECK(ls__cache_check());
    stop();
  }
}

int main(void) {
  model_start();
  a_compaction_costs_nothing();
  a_snapshot_costs_nothing_also_for_who_stays();
  what_is_held_of_a_state_is_counted();
  only_what_is_cached_is_carried();
  the_same_name_is_not_trusted();
  bytes_are_shared();
  a_full_cache_keeps_what_is_carried();
  a_commit_keeps_hot_pages_hot();
  out_of_memory();
  return 0;
}

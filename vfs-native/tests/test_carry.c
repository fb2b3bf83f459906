/*
** test_carry.c - files that take each other's place cost no request for pages that are in the cache.
*/
#include <stdlib.h>

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
  reader = model_reader(&db);
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
  ls_view *same = model_view(db, &spec);
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

#define LARGE_SIZE 4096
#define LARGE_PAGES 600

static void publish_large(ls_txid txid, int level, const ls_pgno *pgnos, uint32_t n, int ends) {
  model_spec spec = {LARGE_SIZE, LARGE_PAGES, txid, txid, level, 3, txid};
  view = model_publish(db, view, &spec, pgnos, n, ends);
}

static uint32_t read_large(const ls_pgno *pgnos, uint32_t n, uint64_t version) {
  uint32_t before = host_does.fetches;
  uint8_t page[LARGE_SIZE];
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  for (uint32_t i = 0; i < n; i++) {
    CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, LARGE_SIZE, (uint64_t)(pgnos[i] - 1) * LARGE_SIZE));
    model_check_page(page, LARGE_SIZE, pgnos[i], version, 3);
  }
  ls_reader_unpin(reader);
  return host_does.fetches - before;
}

/* Publishes a state that is in the cache and reads some pages of it. The state, for the caller to unref. */
static ls_view *start_large(const ls_pgno *read, uint32_t n) {
  start();
  ls_cache_limit(8 * AMPLE);
  publish_large(1, 9, NULL, 0, 0);
  CHECK_INT(0, read_large(read, n, 1));
  ls_view_ref(view);
  return view;
}

/* A range of the view's newest file, from the frame of page `first` to that of page `last`: checks that it is the next one. */
static uint32_t check_gap(const ls_view *before, uint32_t from, uint32_t most, ls_pgno first, ls_pgno last) {
  uint32_t ordinal, ends, got, length, next, frame;
  uint64_t offset, begin, end;
  const ls_file *file = file_of(first, &ordinal);
  CHECK(file_of(last, &ends) == file);
  CHECK_INT(SQLITE_OK, ls_view_gap(view, before, file, from, most, &got, &offset, &length, &next));
  CHECK_INT(ordinal, got);
  CHECK_INT(ends + 1, next);
  ls__file_frame(file, ordinal, &begin, &frame);
  ls__file_frame(file, ends, &end, &frame);
  CHECK_INT(begin, offset);
  CHECK_INT(end + frame - begin, length);
  return next;
}

static void take_gap(const ls_view *before, uint32_t from) {
  uint32_t ordinal, first, length, next;
  uint64_t offset;
  ls_file *file = file_of(LARGE_PAGES, &ordinal);
  CHECK_INT(SQLITE_OK, ls_view_gap(view, before, file, from, UINT32_MAX, &first, &offset, &length, &next));
  uint8_t *buf = malloc(length);
  model_bytes(model_id(file), offset, length, buf);
  CHECK_INT(SQLITE_OK, ls_file_offer(file, first, offset, buf, length));
  free(buf);
}

static int gap_code(const ls_view *of, const ls_view *before, uint32_t from) {
  uint32_t ordinal, first, length, next;
  uint64_t offset;
  return ls_view_gap(of, before, file_of(LARGE_PAGES, &ordinal), from, UINT32_MAX, &first, &offset, &length,
                     &next);
}

/* Pages 1..600 but the eighth, of which five were hot, and one that the commit leaves as it was. */
static void a_large_commit_tells_what_was_hot(void) {
  static const ls_pgno read[] = {7, 8, 60, 70, 300};
  static const ls_pgno written[] = {7, 60, 70, 300};
  ls_pgno all[LARGE_PAGES - 1];
  for (uint32_t i = 0; i < LARGE_PAGES - 1; i++)
    all[i] = i < 7 ? i + 1 : i + 2;
  ls_view *before = start_large(read, 5);
  publish_large(2, 0, all, LARGE_PAGES - 1, MODEL_SHORT_ENDS);
  uint32_t next = check_gap(before, 0, UINT32_MAX, 7, 7);
  next = check_gap(before, next, UINT32_MAX, 60,
                   70); /* what lies between them is less than a request is worth */
  next = check_gap(before, next, UINT32_MAX, 300, 300);
  CHECK_INT(SQLITE_DONE, gap_code(view, before, next));
  next = check_gap(before, 7, 5 * LARGE_SIZE, 60, 60);
  check_gap(before, next, 1, 70, 70);                /* one frame, where even that is more than asked for */
  CHECK_INT(SQLITE_DONE, gap_code(before, view, 0)); /* it does not rest on that file */
  for (int i = 0; i < 3; i++)
    take_gap(before, 0);
  CHECK_INT(SQLITE_DONE, gap_code(view, before, 0));
  CHECK_INT(0, read_large(written, 3, 2));
  ls_view_unref(before);
  before = view;
  ls_view_ref(before);
  publish_large(3, 0, all, LARGE_PAGES - 1, MODEL_SHORT_ENDS);
  next = check_gap(before, 0, UINT32_MAX, 7, 7);
  next = check_gap(before, next, UINT32_MAX, 60, 70);
  CHECK_INT(SQLITE_DONE, gap_code(view, before, next)); /* nobody has read page 300 since it came */
  CHECK(read_large(written, 1, 3) > 0);
  CHECK(ls__cache_given(file_of(7, &next)->serial, 6)); /* it was given what it waited for */
  ls_view_unref(before);
  stop();
}

static void what_came_whole_or_has_other_pages_has_no_gap(void) {
  static const ls_pgno few[] = {7, LARGE_PAGES};
  ls_view *before = start_large(few, 2);
  publish_large(2, 0, few, 2, 1);
  CHECK_INT(SQLITE_DONE, gap_code(view, before, 0));
  ls_view_unref(before);
  ls_view_unref(view);
  view = NULL;
  apply(1, 1, 9, 1, NULL, 0, 0);
  CHECK_INT(0, cost(reader, PAGES, NULL, 0));
  before = view;
  view = NULL;
  publish_large(1, 9, NULL, 0, MODEL_SHORT_ENDS);
  CHECK_INT(SQLITE_DONE, gap_code(view, before, 0));
  ls_view_unref(before);
  stop();
}

/* Without memory nothing is carried, and nothing else is different. */
static void out_of_memory(void) {
  for (uint64_t n = 1; n < 60; n++) {
    start_with_two_states();
    model_spec spec = {SIZE, PAGES, 1, 2, 9, 3, 1};
    ls_view *same = model_view(db, &spec);
    stub_fail_malloc(n, 1);
    CHECK_INT(SQLITE_OK, ls_view_same(same, view));
    stub_fail_malloc(0, 0);
    ls_view_unref(same);
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
  a_large_commit_tells_what_was_hot();
  what_came_whole_or_has_other_pages_has_no_gap();
  out_of_memory();
  return 0;
}

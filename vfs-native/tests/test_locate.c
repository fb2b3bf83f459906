/*
** test_locate.c - reads of a snapshot of whose page index nothing is known but the end: how many round trips they take, and what
** pieces of the index that lie can do. The counts are exact: nothing here has a clock.
*/
#include "cache.h"
#include "locate.h"
#include "model.h"
#include "stub_api.h"

#define PAGES 60000u
#define SIZE 512u
#define CACHE (128u << 20)

static ls_db *db;
static ls_reader *reader;
static ls_file *file;
static int uneven;

/* Zeroes a part of some pages, so that frames have very different lengths in different parts of the file. */
static void paint(uint8_t *page, uint32_t size, ls_pgno pgno) {
  if (pgno > 1 && (pgno / 10000) % 2 == 1)
    memset(page + 8, 0, size - 8 - pgno % 200);
}

static void start(void) {
  static bytes made[2];
  model_start();
  db = model_db();
  model_paint = uneven ? paint : NULL;
  model_spec spec = {SIZE, PAGES, 1, 1, 9, 3, 1};
  file = model_file_again(db, &spec, MODEL_SHORT_ENDS, &made[uneven]);
  CHECK(file->index.parts != NULL);
  reader = model_read(db, file);
  ls_cache_limit(0);
  ls_cache_limit(CACHE);
}

static void stop(void) { model_stop(db, file, reader); }

static int try_page(ls_pgno pgno, uint8_t *page) {
  return ls_reader_read(reader, page, SIZE, (uint64_t)(pgno - 1) * SIZE);
}

static void read_page(ls_pgno pgno) {
  static uint8_t page[SIZE], expected[SIZE];
  CHECK_INT(SQLITE_OK, try_page(pgno, page));
  if (pgno == 1)
    return;
  ltx_fill(expected, SIZE, pgno, 1, 3);
  if (uneven)
    paint(expected, SIZE, pgno);
  CHECK_MEM(expected, page, SIZE);
}

static uint64_t index_size(void) { return file->index.parts->end - file->index.parts->begin; }

/* The piece of the index and the page come together. */
static void a_lookup_takes_one_round_trip(void) {
  start();
  CHECK(index_size() > 7 * LS_INDEX_PIECE);
  for (ls_pgno p = 2000; p < PAGES; p += 20000) {
    uint32_t before = host_does.locates;
    read_page(p);
    CHECK_INT(before + 1, host_does.locates);
  }
  CHECK_INT(0, host_does.fetches);
  CHECK_INT(0, host_does.aheads);
  read_page(22001); /* came along */
  CHECK_INT(0, host_does.fetches);
  stop();
}

/* Where frames are not equal, the piece says where the page is. */
static void an_uneven_file_takes_a_second_one(void) {
  start();
  for (int i = 0; i < 10; i++) {
    uint32_t before = host_does.locates + host_does.fetches;
    read_page(3001 + (uint32_t)i * 5600);
    CHECK(host_does.locates + host_does.fetches <= before + 2);
  }
  stop();
}

static void every_page_is_found(void) {
  start();
  for (uint32_t i = 0; i < PAGES; i++)
    read_page(1 + (uint32_t)((uint64_t)i * 7919 % PAGES));
  CHECK(host_does.locates <= 2 * index_size() / LS_INDEX_PIECE + 2);
  for (uint32_t i = 0; i < PAGES; i++)
    CHECK(ls__index_known(&file->index, i));
  stop();
}

/* A scan learns ahead of itself: it never waits for the index again, and each byte comes about once. */
static void a_scan_waits_for_the_index_once(int down) {
  uint32_t most;
  start();
  for (ls_pgno p = 1; p <= PAGES; p++) {
    read_page(down ? PAGES + 1 - p : p);
    model_deliver();
  }
  CHECK(host_does.locates <= 1);
  CHECK(host_does.fetches <= 3);
  CHECK(host_does.aheads <= file->size / (1 << 20) + 30);
  CHECK(model_asked(0, &most) <= file->size + index_size() + 4 * LS_WINDOW);
  stop();
}

static void pieces_that_lie_are_left_behind(void) {
  start();
  host_does.damaged_pieces = 3;
  read_page(31000);
  CHECK_INT(4, host_does.locates);
  stop();
}

static void an_index_that_lies_is_an_error(void) {
  static uint8_t page[SIZE];
  start();
  host_does.damaged_pieces = UINT32_MAX;
  CHECK_INT(SQLITE_CORRUPT, try_page(31000, page));
  CHECK_HAS("mem:9/1-1#0: page index", ls_reader_error(reader));
  CHECK_INT(4, host_does.locates);
  host_does.damaged_pieces = 0;
  read_page(31000);
  stop();
}

static void failures_of_the_host_are_told(void) {
  static uint8_t page[SIZE];
  start();
  host_does.fetch_rc = SQLITE_INTERRUPT;
  CHECK_INT(SQLITE_INTERRUPT, try_page(31000, page));
  CHECK_HAS("no answer", ls_reader_error(reader));
  host_does.fetch_rc = 0;
  model_lose(0);
  CHECK_INT(SQLITE_IOERR, try_page(31000, page));
  CHECK_INT(1, host_does.replans);
  stop();
}

static void without_memory_it_is_told(void) {
  static uint8_t page[SIZE];
  start();
  for (uint64_t n = 1; n < 40; n++) {
    stub_fail_malloc(n, 0);
    int rc = try_page(31000, page), failed = stub_malloc_failed();
    stub_fail_malloc(0, 0);
    CHECK(rc == SQLITE_OK || (rc == SQLITE_NOMEM && failed));
  }
  read_page(31000);
  stop();
}

/* As streaming does: what it is told to bring is first the index, then all that is missing. */
static void gaps_lead_through_the_index_to_the_pages(void) {
  uint64_t offset, pieces = 0;
  uint32_t first, length, next = 0;
  start();
  read_page(31000);
  for (uint32_t at = 0; ls_file_gap(file, at, 100000, &first, &offset, &length, &next) == SQLITE_OK;
       at = next) {
    uint8_t *part = malloc(length);
    CHECK(part != NULL && length <= 100000);
    model_bytes(0, offset, length, part);
    pieces += first == LS_PAGE_INDEX;
    CHECK(first != LS_PAGE_INDEX || next == at);
    CHECK_INT(SQLITE_OK, ls_file_offer(file, first, offset, part, length));
    free(part);
  }
  CHECK(pieces >= index_size() / 100000 && pieces <= 2 * index_size() / 100000 + 2);
  uint32_t fetches = host_does.fetches, locates = host_does.locates;
  for (ls_pgno p = 1; p <= PAGES; p++)
    read_page(p);
  CHECK_INT(fetches, host_does.fetches);
  CHECK_INT(locates, host_does.locates);
  stop();
}

static void offers_are_checked(void) {
  static const uint8_t zeros[4096];
  const ls_parts *parts;
  start();
  parts = file->index.parts;
  CHECK_INT(SQLITE_OK, ls_file_offer(file, LS_PAGE_INDEX, parts->begin, zeros, sizeof zeros));
  CHECK_INT(SQLITE_MISUSE, ls_file_offer(file, LS_PAGE_INDEX, parts->begin - 1, zeros, sizeof zeros));
  CHECK_INT(SQLITE_MISUSE, ls_file_offer(file, LS_PAGE_INDEX, parts->end - 10, zeros, sizeof zeros));
  CHECK_INT(SQLITE_MISUSE, ls_file_offer(file, 31000, 16000000, zeros, sizeof zeros));
  CHECK(!ls__index_known(&file->index, 0));
  stop();
}

static void what_is_known_is_counted(void) {
  ls_stats before, after;
  start();
  ls_stats_get(&before);
  read_page(31000);
  ls_stats_get(&after);
  CHECK(after.index_bytes > before.index_bytes);
  CHECK_INT(0, (after.index_bytes - before.index_bytes) % sizeof(ls_part));
  stop();
}

int main(void) {
  for (uneven = 0; uneven < 2; uneven++) {
    if (uneven)
      an_uneven_file_takes_a_second_one();
    else
      a_lookup_takes_one_round_trip();
    every_page_is_found();
    a_scan_waits_for_the_index_once(0);
    a_scan_waits_for_the_index_once(1);
    gaps_lead_through_the_index_to_the_pages();
  }
  uneven = 0;
  pieces_that_lie_are_left_behind();
  an_index_that_lies_is_an_error();
  failures_of_the_host_are_told();
  without_memory_it_is_told();
  offers_are_checked();
  what_is_known_is_counted();
  return 0;
}

/*
** test_readahead.c - how many requests reads make, and for which bytes. The counts are exact: nothing here has a clock.
*/
#include "cache.h"
#include "model.h"
#include "readahead.h"
#include "stub_api.h"

#define PAGES 6000u
#define SIZE 4096u
#define CACHE (64u << 20)

static ls_db *db;
static ls_reader *reader;
static ls_file *file;
static uint64_t file_size;

static void forget_pages(uint64_t limit) {
  ls_cache_limit(0);
  ls_cache_limit(limit);
}

/* One large file with all pages, none of them in the cache. */
static void start(uint64_t cache) {
  static bytes made;
  model_start();
  db = model_db();
  model_spec spec = {SIZE, PAGES, 1, 1, 9, 3, 1};
  file = model_file_again(db, &spec, 1, &made);
  file_size = file->size;
  CHECK(file_size > 40 * LS_WINDOW);
  reader = model_read(db, file);
  forget_pages(cache);
}

static void stop(void) { model_stop(db, file, reader); }

static void read_page(ls_pgno pgno) {
  static uint8_t page[SIZE];
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, SIZE, (uint64_t)(pgno - 1) * SIZE));
  model_check_page(page, SIZE, pgno, 1, 3);
}

/* In order, while the host brings what was asked ahead every `patience` pages. */
static void scan(ls_pgno first, ls_pgno last, uint32_t patience) {
  for (ls_pgno p = first; p <= last; p++) {
    read_page(p);
    if (p % patience == 0)
      model_deliver();
  }
}

static uint32_t requests(void) { return host_does.fetches + host_does.aheads; }

/* The ranges grow by half each time, so few requests bring a file, and each byte comes once. */
static void a_scan_takes_few_requests(void) {
  uint32_t most;
  start(CACHE);
  scan(1, PAGES, 1);
  CHECK(requests() <= 10 + file_size / (1 << 20));
  CHECK(model_asked(0, &most) <= file_size);
  CHECK_INT(1, most);
  CHECK_INT(2, host_does.fetches); /* the first window, and the miss that shows the scan */
  stop();
}

static void a_scan_backwards_takes_as_few(void) {
  uint32_t most;
  start(CACHE);
  for (ls_pgno p = PAGES; p > 0; p--) {
    read_page(p);
    model_deliver();
  }
  CHECK(requests() <= 10 + file_size / (1 << 20));
  CHECK(model_asked(0, &most) <= file_size);
  CHECK_INT(1, most);
  CHECK_INT(2, host_does.fetches);
  stop();
}

/* From the middle, so that the file's begin and end are met in a scan. */
static void a_scan_may_turn_round(void) {
  uint32_t most;
  start(CACHE);
  for (ls_pgno p = PAGES / 2; p > 0; p--) {
    read_page(p);
    model_deliver();
  }
  scan(PAGES / 2 + 1, PAGES, 1);
  CHECK(requests() <= 20 + file_size / (1 << 20));
  CHECK(model_asked(0, &most) <= file_size + 2 * LS_WINDOW);
  stop();
}

/* A page that arrives between the look at the cache and the request is not asked for again. */
static void what_has_arrived_meanwhile_is_not_fetched(void) {
  uint32_t most;
  start(CACHE);
  host_does.deliver_late = 1;
  for (ls_pgno p = 1; p <= PAGES; p++)
    read_page(p);
  CHECK_INT(1, (model_asked(0, &most), most));
  CHECK_INT(2, host_does.taken);
  CHECK(host_does.fetches > host_does.taken);
  stop();
}

/* Pages that are under way come one by one, and nothing is asked for twice. */
static void a_reader_that_is_faster_than_the_host_joins(void) {
  uint32_t most;
  start(CACHE);
  scan(1, PAGES, 500);
  CHECK_INT(1, (model_asked(0, &most), most));
  CHECK(host_does.aheads <= 10 + file_size / (1 << 20));
  stop();
}

static void a_host_that_takes_nothing_costs_no_more_bytes(void) {
  uint32_t most;
  start(CACHE);
  host_does.aheads_taken = 0;
  scan(1, PAGES, 1);
  CHECK(host_does.fetches <= 10 + file_size / (1 << 20));
  CHECK_INT(1, (model_asked(0, &most), most));
  stop();
}

static void lookups_ask_for_nothing_ahead(void) {
  uint32_t most;
  start(CACHE);
  for (uint32_t i = 0; i < 20; i++)
    read_page(1 + (i * 2477 + 100) % PAGES); /* 2477 has no factor in common with PAGES */
  CHECK_INT(0, host_does.aheads);
  CHECK(host_does.fetches <= 20);
  CHECK(model_asked(0, &most) <= 20 * (uint64_t)LS_WINDOW);
  stop();
}

/* What a scan that stops leaves unread is no more than what it has read. */
static void a_short_scan_wastes_little(void) {
  uint32_t most;
  for (uint32_t n = 40; n < PAGES; n *= 2) {
    start(CACHE);
    scan(1, n, 1);
    CHECK(model_asked(0, &most) <= 2 * (uint64_t)n * (SIZE + 16) + 2 * LS_WINDOW);
    stop();
  }
}

static void two_scans_at_once_are_two_streams(void) {
  uint32_t most;
  start(CACHE);
  for (ls_pgno p = 1; p <= PAGES / 2; p++) {
    read_page(p);
    read_page(PAGES / 2 + p);
    model_deliver();
  }
  CHECK(requests() <= 20 + file_size / (1 << 20));
  CHECK(model_asked(0, &most) <= file_size + LS_WINDOW);
  stop();
}

/* In a cache that holds a tenth of the file, a second scan costs what the first one did. */
static void a_small_cache_is_not_flooded(void) {
  uint32_t most;
  start((uint64_t)PAGES * SIZE / 10);
  scan(1, PAGES, 1);
  uint32_t once = requests();
  CHECK(model_asked(0, &most) <= file_size + LS_WINDOW);
  scan(1, PAGES, 1);
  CHECK(requests() <= 2 * once + 2);
  CHECK(model_asked(0, &most) <= 2 * file_size + 2 * LS_WINDOW);
  stop();
}

static void no_cache_no_read_ahead(void) {
  start(0);
  scan(1, 200, 1);
  CHECK_INT(0, host_does.aheads);
  CHECK_INT(200, host_does.fetches);
  stop();
}

/* What arrives is checked: a bad page is left out, for the reader to find. */
static void offers_are_checked(void) {
  uint64_t offset;
  uint32_t length, end;
  start(CACHE);
  ls__file_stretch(file, 10, LS_WINDOW, &offset, &length, &end);
  uint8_t *zeros = calloc(1, length);
  CHECK(zeros != NULL);
  CHECK_INT(SQLITE_OK, ls_file_offer(file, 10, offset, zeros, length));
  CHECK(!ls__cache_has(file->serial, 10));
  CHECK_INT(SQLITE_MISUSE, ls_file_offer(file, 11, offset, zeros, length));
  CHECK_INT(SQLITE_MISUSE, ls_file_offer(file, PAGES, offset, zeros, length));
  free(zeros);
  read_page(11);
  stop();
}

int main(void) {
  a_scan_takes_few_requests();
  a_scan_backwards_takes_as_few();
  a_scan_may_turn_round();
  what_has_arrived_meanwhile_is_not_fetched();
  a_reader_that_is_faster_than_the_host_joins();
  a_host_that_takes_nothing_costs_no_more_bytes();
  lookups_ask_for_nothing_ahead();
  a_short_scan_wastes_little();
  two_scans_at_once_are_two_streams();
  a_small_cache_is_not_flooded();
  no_cache_no_read_ahead();
  offers_are_checked();
  return 0;
}

/*
** test_lookahead.c - scans in the order of b-trees whose pages lie anywhere: how many requests they take, and how often the
** reader has to wait. While it waits, the host brings up to 64 of the ranges that it was asked for.
**
** The database is a table of LEAVES leaves with ROWS rows each below INNER inner pages, and an index on it, in one of two
** shapes. The pages come in this order, except that the table's leaves are shuffled:
**
**     1   table's root   its inner pages   its leaves   index's root   index's leaves
*/
#include "btree.h"
#include "cache.h"
#include "file.h"
#include "model.h"
#include "stub_api.h"

#define SIZE 4096u
#define CACHE (256u << 20)
#define INNER shape->inner
#define FANOUT shape->fanout
#define ROWS shape->rows
#define LEAVES (INNER * FANOUT)
#define ENTRIES 250u
#define INDEX_LEAVES (LEAVES * ROWS / ENTRIES)
#define ROOT 2u
#define FIRST_INNER 3u
#define FIRST_LEAF (FIRST_INNER + INNER)
#define INDEX_ROOT (FIRST_LEAF + LEAVES)
#define FIRST_INDEX_LEAF (INDEX_ROOT + 1)
#define PAGES (FIRST_INDEX_LEAF + INDEX_LEAVES - 1)
#define PAGES_MAX 25000u

typedef struct shape_of {
  uint32_t inner, fanout, rows;
  int ends;      /* of the file, as model_file has it */
  uint32_t used; /* bytes of a leaf */
} shape_of;

/* A reader remembers all of its inner pages. */
static const shape_of narrow = {16, 300, 10, 1, SIZE};

/* Most rows have an inner page of their own, and the page index is known in parts. */
static const shape_of wide = {300, 80, 4, MODEL_SHORT_ENDS, 1000};
static const shape_of *shape = &narrow;

/* Prime to LEAVES and to LEAVES * ROWS. */
#define SHUFFLE 7919u

static ls_db *db;
static ls_reader *reader;
static ls_file *file;
static int shuffled;
static uint8_t kept[PAGES_MAX + 1]; /* what SQLite would have in its own cache */

static ls_pgno leaf_of(uint32_t i) { return FIRST_LEAF + (shuffled ? i * SHUFFLE % LEAVES : i); }

/* Of entry i of the index. */
static uint32_t rowid_of(uint32_t i) { return 1 + (uint32_t)((uint64_t)i * SHUFFLE % (LEAVES * ROWS)); }

static void put32(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)(v >> 24), p[1] = (uint8_t)(v >> 16), p[2] = (uint8_t)(v >> 8), p[3] = (uint8_t)v;
}

static void put_header(uint8_t *page, uint8_t type, uint32_t cells) {
  page[0] = type;
  page[3] = (uint8_t)(cells >> 8), page[4] = (uint8_t)cells;
}

/* Cell i of `length` bytes, from the end of the page downwards. */
static uint8_t *put_cell(uint8_t *page, uint32_t header, uint32_t i, uint32_t length) {
  uint32_t at = SIZE - (i + 1) * length;
  page[header + 2 * i] = (uint8_t)(at >> 8), page[header + 2 * i + 1] = (uint8_t)at;
  return page + at;
}

/* A table's inner page: each child holds `rows` rowids. */
static void put_inner(uint8_t *page, uint32_t n, ls_pgno (*child)(uint32_t), uint32_t first, uint32_t rows) {
  put_header(page, LS_TABLE_INNER, n - 1);
  for (uint32_t i = 0; i + 1 < n; i++) {
    uint32_t key = (first + i + 1) * rows;
    uint8_t *cell = put_cell(page, 12, i, 8);
    put32(cell, child(first + i));
    cell[4] = (uint8_t)(0x80 | key >> 21), cell[5] = (uint8_t)(0x80 | (key >> 14 & 0x7f));
    cell[6] = (uint8_t)(0x80 | (key >> 7 & 0x7f)), cell[7] = (uint8_t)(key & 0x7f);
  }
  put32(page + 8, child(first + n - 1));
}

static ls_pgno inner_of(uint32_t i) { return FIRST_INNER + i; }

static void put_index_root(uint8_t *page) {
  put_header(page, LS_INDEX_INNER, INDEX_LEAVES - 1);
  for (uint32_t i = 0; i + 1 < INDEX_LEAVES; i++)
    put32(put_cell(page, 12, i, 6), FIRST_INDEX_LEAF + i);
  put32(page + 8, FIRST_INDEX_LEAF + INDEX_LEAVES - 1);
}

/* Entries (i, rowid), each integer with four bytes. */
static void put_index_leaf(uint8_t *page, uint32_t first) {
  put_header(page, LS_INDEX_LEAF, ENTRIES);
  for (uint32_t i = 0; i < ENTRIES; i++) {
    uint8_t *cell = put_cell(page, 8, i, 12);
    cell[0] = 11, cell[1] = 3, cell[2] = 4, cell[3] = 4;
    put32(cell + 4, first + i);
    put32(cell + 8, rowid_of(first + i));
  }
}

static void paint(uint8_t *page, uint32_t size, ls_pgno pgno) {
  (void)size;
  if (pgno == ROOT)
    put_inner(page, INNER, inner_of, 0, FANOUT * ROWS);
  else if (pgno >= FIRST_INNER && pgno < FIRST_LEAF)
    put_inner(page, FANOUT, leaf_of, (pgno - FIRST_INNER) * FANOUT, ROWS);
  else if (pgno == INDEX_ROOT)
    put_index_root(page);
  else if (pgno >= FIRST_INDEX_LEAF)
    put_index_leaf(page, (pgno - FIRST_INDEX_LEAF) * ENTRIES);
  else if (pgno > 1) {
    page[0] = 13;
    memset(page + shape->used, 0, SIZE - shape->used);
  }
}

static void start(int shuffle) {
  static bytes made[2][2];
  model_start();
  db = model_db();
  shuffled = shuffle;
  model_paint = paint;
  model_spec spec = {SIZE, PAGES, 1, 1, 9, 3, 1};
  file = model_file_again(db, &spec, shape->ends, &made[shape == &wide][shuffle]);
  CHECK((file->index.parts != NULL) == (shape == &wide));
  model_paint = NULL;
  reader = model_read(db, file);
  ls_cache_limit(0);
  ls_cache_limit(CACHE);
  memset(kept, 0, sizeof kept);
  host_does.width = 64;
}

static void stop(void) { model_stop(db, file, reader); }

static void read_page(ls_pgno pgno) {
  static uint8_t page[SIZE];
  if (!kept[pgno])
    CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, SIZE, (uint64_t)(pgno - 1) * SIZE));
  kept[pgno] = 1;
}

static void read_leaf(uint32_t i) {
  read_page(ROOT);
  read_page(inner_of(i / FANOUT));
  read_page(leaf_of(i));
}

static void read_entries(uint32_t first, uint32_t n, int step) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t entry = step > 0 ? first + i : first - i;
    read_page(INDEX_ROOT);
    read_page(FIRST_INDEX_LEAF + entry / ENTRIES);
    read_leaf((rowid_of(entry) - 1) / ROWS);
  }
}

static void a_scan_of_a_shuffled_table_waits_seldom(void) {
  for (int step = 1; step >= -1; step -= 2) {
    start(1);
    for (uint32_t i = 0; i < LEAVES; i++)
      read_leaf(step > 0 ? i : LEAVES - 1 - i);
    CHECK(host_does.fetches <= 30);
    CHECK(host_does.aheads <= 600);
    stop();
  }
}

/* Its leaves are neighbours in the file, which is all that read-ahead needs. */
static void a_scan_of_a_sound_table_is_left_to_the_streams(void) {
  uint32_t most;
  start(0);
  for (uint32_t i = 0; i < LEAVES; i++)
    read_leaf(i);
  CHECK(host_does.aheads + host_does.fetches <= 50);
  CHECK(model_asked(0, &most) <= file->size + 4 * LS_WINDOW);
  stop();
}

static void rows_by_index_come_in_few_rounds(void) {
  for (int step = 1; step >= -1; step -= 2) {
    start(0);
    read_page(ROOT);
    read_page(INDEX_ROOT);
    host_does.fetches = host_does.aheads = 0;
    read_entries(step > 0 ? 30100 : 30599, 500, step);
    CHECK(host_does.fetches <= 14);
    stop();
  }
}

/* The index, the first row, and two for each turn of 6, 24, 96 and 384 rows; pieces of the page index come with pages, or all
** together before a turn. */
static void rows_of_a_wide_table_come_in_few_rounds(uint32_t lookups, uint32_t most) {
  for (int step = 1; step >= -1; step -= 2) {
    shape = &wide;
    start(0);
    for (uint32_t i = 0; i < 1 + lookups; i++) /* of more inner pages than a reader remembers */
      read_leaf(i * 3571 % LEAVES);
    host_does.fetches = host_does.locates = host_does.aheads = 0;
    host_does.width = 1000;
    read_entries(step > 0 ? 30100 : 30599, 500, step);
    CHECK(host_does.fetches + host_does.locates <= most);
    stop();
    shape = &narrow;
  }
}

static void a_few_rows_by_index_bring_little_more(void) {
  uint32_t most;
  start(0);
  read_entries(30100, 1, 1);
  CHECK_INT(0, host_does.aheads);
  read_entries(30101, 3, 1);
  CHECK(model_asked(0, &most) <= 12 * (uint64_t)LS_WINDOW);
  stop();
}

/* The requests of a scan depend on its rows alone, not on when pages come. */
static void what_is_asked_for_does_not_depend_on_time(void) {
  static const uint32_t widths[] = {0, 1, 7, 64, 100000};
  uint64_t length = 0;
  uint32_t most, aheads = 0;
  for (uint32_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    start(0);
    host_does.width = widths[i];
    read_entries(30100, 500, 1);
    CHECK(i == 0 || host_does.aheads == aheads);
    CHECK(i == 0 || model_asked(0, &most) == length);
    aheads = host_does.aheads;
    length = model_asked(0, &most);
    stop();
  }
}

static void six_rows_by_index_ask_for_no_seventh_but_one(void) {
  start(0);
  read_page(ROOT);
  read_page(INDEX_ROOT);
  read_entries(30100, 6, 1);
  CHECK(host_does.aheads <= 12); /* the inner pages and leaves of the second to the seventh row */
  stop();
}

static void lookups_ask_for_nothing(void) {
  start(1);
  for (uint32_t i = 0; i < 100; i++)
    read_leaf(i * 3571 % LEAVES);
  CHECK_INT(0, host_does.aheads);
  stop();
}

static void a_host_that_takes_nothing_is_no_harm(void) {
  start(1);
  host_does.aheads_taken = 0;
  for (uint32_t i = 0; i < 2000; i++)
    read_leaf(i);
  read_entries(30100, 50, 1);
  stop();
}

int main(void) {
  a_scan_of_a_shuffled_table_waits_seldom();
  a_scan_of_a_sound_table_is_left_to_the_streams();
  rows_by_index_come_in_few_rounds();
  rows_of_a_wide_table_come_in_few_rounds(0, 12);
  rows_of_a_wide_table_come_in_few_rounds(200, 16);
  a_few_rows_by_index_bring_little_more();
  what_is_asked_for_does_not_depend_on_time();
  six_rows_by_index_ask_for_no_seventh_but_one();
  lookups_ask_for_nothing();
  a_host_that_takes_nothing_is_no_harm();
  return 0;
}

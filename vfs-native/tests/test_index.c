/*
** test_index.c - the page index against a plain array, its size, and every way in which it can be wrong.
*/
#include "check.h"
#include "index.h"
#include "ltx.h"
#include "ltx_write.h"
#include "stub_api.h"

typedef struct model_entry {
  uint32_t pgno, length;
  uint64_t offset;
} model_entry;

typedef struct model {
  uint32_t page_size, commit, count;
  model_entry *entries;
  uint64_t end; /* of the frames */
} model;

static char err[300];

/* share: of 1000 pages, how many are there. long_share: how many of those have a length over 65,535. */
static model make_model(uint64_t *seed, uint32_t page_size, uint32_t commit, uint64_t share,
                        uint64_t long_share) {
  model m = {page_size, commit, 0, malloc(((size_t)commit + 1) * sizeof(model_entry)), 100};
  CHECK(m.entries != NULL);
  for (uint32_t pgno = 1; pgno <= commit; pgno++) {
    if (pgno == ls__lock_page(page_size) || random_below(seed, 1000) >= share)
      continue;
    uint32_t length = (uint32_t)(7 + random_below(seed, page_size));
    if (random_below(seed, 1000) < long_share)
      length = 65536 + (uint32_t)random_below(seed, 300);
    m.entries[m.count++] = (model_entry){pgno, length, m.end};
    m.end += length;
  }
  return m;
}

static bytes write_model(const model *m) {
  bytes out = {0};
  for (uint32_t i = 0; i < m->count; i++) {
    put_varint(&out, m->entries[i].pgno);
    put_varint(&out, m->entries[i].offset);
    put_varint(&out, m->entries[i].length);
  }
  put_varint(&out, 0);
  return out;
}

static int parse(ls_index *index, const model *m, const bytes *b) {
  ls_report to = {"x", err, sizeof(err)};
  return ls__index_parse(index, b->p, b->n, m->end + 6, m->commit, m->page_size, &to);
}

static void compare(const ls_index *index, const model *m) {
  CHECK_INT(m->count, index->count);
  uint32_t at = 0;
  for (uint32_t pgno = 0; pgno <= m->commit + 2; pgno++) {
    uint32_t ordinal = 12345;
    int rc = ls__index_find(index, pgno, &ordinal);
    if (at < m->count && m->entries[at].pgno == pgno) {
      CHECK_INT(SQLITE_OK, rc);
      CHECK_INT(at, ordinal);
      CHECK_INT(pgno, ls__index_pgno(index, ordinal));
      CHECK_INT(m->entries[at].length, ls__index_length(index, ordinal));
      CHECK_INT(m->entries[at].offset, ls__index_offset(index, ordinal));
      at++;
    } else {
      CHECK_INT(SQLITE_NOTFOUND, rc);
      CHECK_INT(12345, ordinal);
    }
  }
}

static void test_random(uint64_t seed) {
  printf("page index: seed %" PRIu64 "\n", seed);
  for (int round = 0; round < 400; round++) {
    uint32_t page_size = 512u << random_below(&seed, 8);
    uint64_t share = round % 3 == 0 ? 1000 : random_below(&seed, 1001);
    uint64_t longs = page_size == 65536 ? random_below(&seed, 1001) : 0;
    model m = make_model(&seed, page_size, (uint32_t)random_below(&seed, 500), share, longs);
    bytes b = write_model(&m);
    ls_index index;
    CHECK_OK(parse(&index, &m, &b));
    CHECK_INT(m.count == 0 || m.count == ls__full_count(m.commit, page_size), index.pgnos == NULL);
    compare(&index, &m);
    ls__index_free(&index);
    CHECK_INT(0, stub_blocks());
    free(b.p);
    free(m.entries);
  }
}

/* Dense files around the lock page, and what a page costs. */
static void test_lock_page_and_size(void) {
  uint64_t seed = 3;
  static const uint32_t commits[] = {16384, 16385, 16386, 40000};
  for (size_t i = 0; i < 4; i++) {
    model m = make_model(&seed, 65536, commits[i], 1000, 5);
    bytes b = write_model(&m);
    ls_index index;
    CHECK_OK(parse(&index, &m, &b));
    CHECK(index.pgnos == NULL);
    compare(&index, &m);
    CHECK(index.bytes * 10 <= (uint64_t)m.count * 22);
    ls__index_free(&index);
    free(b.p);
    free(m.entries);
  }
  model m = make_model(&seed, 4096, 1000000, 1000, 0);
  bytes b = write_model(&m);
  ls_index index;
  CHECK_OK(parse(&index, &m, &b));
  double dense = (double)index.bytes / m.count;
  printf("page index: %.3f bytes a page when dense, %.2f in the file\n", dense, (double)b.n / m.count);
  CHECK(dense <= 2.2);
  ls__index_free(&index);
  free(b.p);
  free(m.entries);
}

static void expect_error(const char *text, const model *m) {
  bytes b = write_model(m);
  ls_index index = {.count = 99};
  CHECK_INT(SQLITE_CORRUPT, parse(&index, m, &b));
  CHECK_HAS(text, err);
  CHECK_INT(99, index.count);
  CHECK_INT(0, stub_blocks());
  free(b.p);
}

static void test_rules(void) {
  uint64_t seed = 5;
  model m = make_model(&seed, 65536, 16390, 1000, 0);
  model_entry *e = m.entries;
  model_entry kept;
#define WITH(at, field, value, text)                                                                         \
  do {                                                                                                       \
    kept = e[at];                                                                                            \
    e[at].field = (value);                                                                                   \
    expect_error(text, &m);                                                                                  \
    e[at] = kept;                                                                                            \
  } while (0)
  WITH(3, pgno, 3, "page 3 after page 3");
  WITH(3, pgno, 2, "page 2 after page 3");
  WITH(16384, pgno, 16385,
       "page 16385 after page 16384 (expected ascending, at most 16390, not the lock page 16385)");
  WITH(16388, pgno, 16391, "page 16391 after page 16389");
  WITH(0, offset, 101, "frame of page 1 expected at 100, found 101");
  WITH(5, offset, e[5].offset - 1, "frame of page 6 expected at");
  WITH(5, length, 0, "frame of page 6 cannot have 0 bytes");
  WITH(5, length, 2 * 65536 + 1025, "frame of page 6 cannot have 132097 bytes");
  WITH(16388, length, e[16388].length + 1, "cannot have");
  WITH(16388, length, e[16388].length - 1, "the last frame ends at offset");
#undef WITH
  m.count--;
  expect_error("the last frame ends at offset", &m);
  free(m.entries);
}

static void test_shape(void) {
  model m = {512, 0, 0, NULL, 100};
  bytes b = write_model(&m);
  ls_index index;
  CHECK_OK(parse(&index, &m, &b));
  CHECK_INT(0, index.count);
  CHECK_INT(0, index.bytes);
  uint32_t ordinal;
  CHECK_INT(SQLITE_NOTFOUND, ls__index_find(&index, 1, &ordinal));
  put_varint(&b, 0);
  CHECK_INT(SQLITE_CORRUPT, parse(&index, &m, &b));
  CHECK_HAS("ends 1 bytes before its length says", err);
  b.n = 0;
  CHECK_INT(SQLITE_CORRUPT, parse(&index, &m, &b));
  CHECK_HAS("no end of the index", err);
  free(b.p);
}

int main(void) {
  stub_api_install();
  test_random(20261121);
  test_lock_page_and_size();
  test_rules();
  test_shape();
  return 0;
}

/*
** test_damage.c - files damaged in every way: an error, or the right pages; never a byte outside of a buffer.
**
** A file that is loaded whole, or small enough to be fetched whole, must never give a wrong page. Of a large file that
** is read in ranges, the format has nothing to tell a changed literal of an LZ4 block by: such pages are counted.
*/
#include "cache.h"
#include "check.h"
#include "file_access.h"
#include "stub_api.h"

#define CASES 12000

typedef struct original {
  bytes file;
  uint32_t page_size, pages;
  uint8_t *content; /* all pages in order */
} original;

typedef struct tally {
  int errors, right, wrong;
} tally;

static ls_db *db;
static uint8_t page[65536];

/* --------------------------------------------------------------------------------------------------------- originals */

static void remember(original *o) {
  ls_file *f = NULL;
  CHECK_OK(load(db, &o->file, &f));
  o->page_size = f->info.page_size;
  o->pages = f->info.pages;
  o->content = malloc((size_t)o->pages * o->page_size + 1);
  CHECK(o->content != NULL);
  for (uint32_t i = 0; i < o->pages; i++)
    CHECK_OK(read_page(f, &o->file, i, o->content + (size_t)i * o->page_size));
  ls_file_unref(f);
}

static size_t make_originals(original *o) {
  static const char *names[] = {
      "1k-tiny.ltx",      "4k-blocks-snapshot.ltx", "4k-blocks-sparse.ltx",   "4k-frames-sparse.ltx",
      "512-snapshot.ltx", "512-sparse.ltx",         "64k-frames-snapshot.ltx"};
  static const ltx_model models[] = {
      {.page_size = 512, .commit = 40, .min_txid = 1, .max_txid = 5, .every = 1, .seed = 1, .checksums = 1},
      {.page_size = 512, .commit = 90, .min_txid = 2, .max_txid = 5, .every = 3, .seed = 2, .frames = 1},
      {.page_size = 65536,
       .commit = 14,
       .min_txid = 1,
       .max_txid = 5,
       .every = 1,
       .seed = 3}, /* read in ranges */
      {.page_size = 4096, .commit = 0, .min_txid = 3, .max_txid = 3, .every = 1},
  };
  size_t n = 0;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    read_fixture(&o[n++].file, names[i]);
  for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
    ltx_write(&o[n++].file, &models[i], NULL);
  for (size_t i = 0; i < n; i++)
    remember(&o[i]);
  return n;
}

/* ------------------------------------------------------------------------------------------------------------ damage */

static void flip(bytes *b, uint64_t *seed) {
  for (uint64_t n = 1 + random_below(seed, 4); n > 0; n--)
    b->p[random_below(seed, b->n)] ^= (uint8_t)(1u << random_below(seed, 8));
}

static void cut_end(bytes *b, uint64_t *seed) { b->n = random_below(seed, b->n); }

static void cut_out(bytes *b, uint64_t *seed) {
  size_t at = random_below(seed, b->n), n = random_below(seed, b->n - at < 200 ? b->n - at + 1 : 200);
  memmove(b->p + at, b->p + at + n, b->n - at - n);
  b->n -= n;
}

static void insert(bytes *b, uint64_t *seed) {
  size_t at = random_below(seed, b->n + 1), n = 1 + random_below(seed, 200);
  static const uint8_t space[200] = {0};
  put(b, space, n);
  memmove(b->p + at + n, b->p + at, b->n - n - at);
  for (size_t i = 0; i < n; i++)
    b->p[at + i] = (uint8_t)next_random(seed);
}

static void overwrite(bytes *b, uint64_t *seed) {
  size_t at = random_below(seed, b->n), n = random_below(seed, b->n - at < 64 ? b->n - at + 1 : 64);
  int zero = random_below(seed, 2) == 0;
  for (size_t i = 0; i < n; i++)
    b->p[at + i] = zero ? 0 : (uint8_t)next_random(seed);
}

/* In the last bytes are lengths and offsets: a flip there reaches more code. */
static void flip_tail(bytes *b, uint64_t *seed) {
  size_t tail = b->n < 300 ? b->n : 300;
  b->p[b->n - 1 - random_below(seed, tail)] = (uint8_t)next_random(seed);
}

/* Exchanges two frames of equal length, or the first bytes of two others. */
static void swap_frames(bytes *b, uint64_t *seed) {
  ls_file *f = NULL;
  CHECK_OK(load(db, b, &f));
  if (f->info.pages > 1) {
    uint64_t from, to;
    uint32_t n, m;
    ls__file_frame(f, (uint32_t)random_below(seed, f->info.pages), &from, &n);
    ls__file_frame(f, (uint32_t)random_below(seed, f->info.pages), &to, &m);
    for (uint32_t i = 0; i < n && i < m; i++) {
      uint8_t byte = b->p[from + i];
      b->p[from + i] = b->p[to + i];
      b->p[to + i] = byte;
    }
  }
  ls_file_unref(f);
}

static void (*const damages[])(bytes *, uint64_t *) = {flip,   flip,      cut_end,   cut_out,
                                                       insert, overwrite, flip_tail, swap_frames};

/* ----------------------------------------------------------------------------------------------------------- verdict */

/* Reads all pages: 1 as soon as one is wrong, 0 when each is right or an error. */
static int any_wrong(const original *o, ls_file *f, const bytes *damaged, int *errors) {
  for (uint32_t i = 0; i < f->info.pages; i++) {
    if (read_page(f, damaged, i, page) != SQLITE_OK) {
      *errors = 1;
      continue;
    }
    if (f->info.page_size != o->page_size || i >= o->pages ||
        memcmp(page, o->content + (size_t)i * o->page_size, o->page_size) != 0)
      return 1;
  }
  return 0;
}

static void judge(const original *o, const bytes *damaged, int whole, tally *t) {
  ls_file *f = NULL;
  int errors = 0;
  int rc = whole ? load(db, damaged, &f) : open_ends(db, damaged, 70000, 4000, &f);
  if (rc != SQLITE_OK) {
    CHECK(rc == SQLITE_CORRUPT || (!whole && rc == SQLITE_MISUSE));
    CHECK(strlen(err) > 20);
    t->errors++;
    return;
  }
  int wrong = any_wrong(o, f, damaged, &errors);
  ls_file_unref(f);
  if (wrong)
    t->wrong++;
  else if (errors)
    t->errors++;
  else
    t->right++;
}

static void test_damage(uint64_t seed) {
  original originals[16] = {{.page_size = 0}};
  size_t count = make_originals(originals);
  tally whole = {0}, small = {0}, large = {0};
  uint64_t blocks = 0;
  for (uint64_t i = 0; i < CASES; i++) {
    uint64_t state = seed + i;
    const original *o = &originals[random_below(&state, count)];
    bytes damaged = {0};
    put(&damaged, o->file.p, o->file.n);
    damages[random_below(&state, sizeof(damages) / sizeof(damages[0]))](&damaged, &state);
    judge(o, &damaged, 1, &whole);
    judge(o, &damaged, 0, damaged.n <= LS_WHOLE_MAX ? &small : &large);
    if (whole.wrong + small.wrong > 0)
      CHECK_FAIL_("wrong page in silence: seed %" PRIu64, seed + i);
    free(damaged.p);
    if (i % 100 == 0)
      ls_cache_limit(0);
    if (i % 100 == 0)
      ls_cache_limit(16 << 20);
    if (i == 0)
      blocks = stub_blocks();
  }
  ls_cache_limit(0);
  CHECK(stub_blocks() <= blocks);
  CHECK_INT(0, stub_locks_held());
  printf("damage: %d files from seed %" PRIu64 "\n", CASES, seed);
  printf("  loaded whole:     %5d errors %5d right %5d wrong\n", whole.errors, whole.right, whole.wrong);
  printf("  small, by accept: %5d errors %5d right %5d wrong\n", small.errors, small.right, small.wrong);
  printf("  large, by accept: %5d errors %5d right %5d wrong\n", large.errors, large.right, large.wrong);
  for (size_t i = 0; i < count; i++) {
    free(originals[i].file.p);
    free(originals[i].content);
  }
}

int main(void) {
  db = open_test_db();
  test_damage(20261121);
  ls_db_close(db);
  return 0;
}

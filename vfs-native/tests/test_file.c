/*
** test_file.c - whole files: real ones of every kind, large ones in ranges, and each rule that a file can break.
*/
#include "cache.h"
#include "check.h"
#include "crc64.h"
#include "file_access.h"
#include "stub_api.h"

static ls_db *db;
static uint8_t page[65536], model[65536];

static uint64_t blocks_before;

static void begin(void) {
  ls_cache_limit(0);
  ls_cache_limit(UINT64_C(64) << 20);
  blocks_before = stub_blocks();
}

static void end(void) {
  ls_stats s;
  CHECK(ls__cache_check());
  ls_cache_limit(0);
  ls_stats_get(&s);
  CHECK_INT(0, s.cache_bytes);
  CHECK_INT(0, s.files);
  CHECK_INT(0, s.index_bytes);
  CHECK_INT(blocks_before, stub_blocks());
  CHECK_INT(0, stub_locks_held());
}

/* ---------------------------------------------------------------------------------- files that Litestream has written */

#define FULL LS_FILE_FULL
#define BLOCKS LS_FILE_BLOCKS
#define PAGE1 LS_FILE_PAGE1

/* By an independent decoder; pages_crc is over all pages in order. */
typedef struct fixture {
  const char *name;
  uint32_t page_size, commit;
  uint64_t min, max;
  int64_t timestamp;
  uint32_t pages, cookie;
  uint64_t checksum, pages_crc;
  uint32_t flags;
} fixture;

static const fixture fixtures[] = {
#define C UINT64_C
    {"1k-tiny.ltx", 1024, 353, 0x33, 0x33, 1795246977751, 1, 0, C(0x90d59088438fa44a), C(0x073d65d52335decd),
     BLOCKS},
    {"4k-blocks-snapshot.ltx", 4096, 7, 1, 2, 1795246938830, 7, 6, C(0x8ba6dce95401bb7a),
     C(0x5cf262f5414a0edb), FULL | BLOCKS | PAGE1},
    {"4k-blocks-sparse.ltx", 4096, 61, 0x55, 0x55, 1795246961231, 4, 0, C(0xa85477cab972a53a),
     C(0x34271e8596dff2b2), BLOCKS},
    {"4k-frames-snapshot.ltx", 4096, 7, 1, 2, 1795246938827, 7, 6, C(0xa1d13d080733668e),
     C(0xa548de8bec51e5ea), FULL | PAGE1},
    {"4k-frames-sparse.ltx", 4096, 64, 0x57, 0x57, 1795246960927, 7, 6, C(0xc25c71b23bdf8c86),
     C(0xab28e48639d1ee95), PAGE1},
    {"512-snapshot.ltx", 512, 17, 1, 1, 1795246993366, 17, 6, C(0xae8824104d683b2a), C(0xb96407d70b55237b),
     FULL | BLOCKS | PAGE1},
    {"512-sparse.ltx", 512, 208, 0x21, 0x21, 1795247001765, 23, 6, C(0x9b1097ae35193e5e),
     C(0x9369391c2134cded), BLOCKS | PAGE1},
    {"64k-frames-snapshot.ltx", 65536, 7, 1, 1, 1795246993369, 7, 6, C(0x84eace5db8136248),
     C(0x490e4e41403e2cb5), FULL | PAGE1},
    {"64k-frames-sparse.ltx", 65536, 9, 0x21, 0x21, 1795247003318, 4, 0, C(0xc76077680c9dd50a),
     C(0xdf5cae43b75b3251), 0},
#undef C
};

static void check_pages(ls_file *f, const bytes *file, const fixture *x) {
  uint64_t crc = 0;
  for (uint32_t i = 0; i < x->pages; i++) {
    CHECK_OK(read_page(f, file, i, page));
    crc = ls__crc64(crc, page, x->page_size);
    uint32_t ordinal = 99;
    CHECK_INT(SQLITE_OK, ls__file_find(f, ls__file_pgno(f, i), &ordinal));
    CHECK_INT(i, ordinal);
  }
  CHECK_INT(x->pages_crc, crc);
}

static void check_fixture(ls_file *f, const bytes *file, const fixture *x, uint32_t verified) {
  ls_file_info info;
  ls_file_get_info(f, &info);
  CHECK_INT(42, info.file_id);
  CHECK_INT(3, info.level);
  CHECK_INT(x->min, info.min_txid);
  CHECK_INT(x->max, info.max_txid);
  CHECK_INT(x->timestamp, info.timestamp);
  CHECK_INT(x->checksum, info.checksum);
  CHECK_INT(x->page_size, info.page_size);
  CHECK_INT(x->commit, info.commit);
  CHECK_INT(x->pages, info.pages);
  CHECK_INT(x->cookie, info.cookie);
  CHECK_INT(x->flags | verified, info.flags);
  CHECK_STR("place/file.ltx", ls__file_name(f));
  check_pages(f, file, x);
}

static void test_fixtures(void) {
  for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
    for (int whole = 0; whole < 2; whole++) {
      begin();
      bytes file = {0};
      read_fixture(&file, fixtures[i].name);
      ls_file *f = NULL;
      if (whole) {
        CHECK_OK(load(db, &file, &f));
        CHECK(ls__cache_has(f->serial, 0));
      } else {
        CHECK_OK(open_ends(db, &file, 256 << 10, 256 << 10, &f));
        CHECK(!ls__cache_has(f->serial, 0)); /* not before its checksum was compared */
      }
      check_fixture(f, &file, &fixtures[i], whole ? LS_FILE_VERIFIED : 0);
      ls_file_unref(f);
      free(file.p);
      end();
    }
  }
}

/* ------------------------------------------------------------------------------------------------------- model files */

static void check_model(ls_file *f, const bytes *file, const ltx_model *m) {
  uint32_t ordinal = 0;
  for (uint32_t pgno = 1; pgno <= m->commit; pgno++) {
    uint32_t found = 0;
    int rc = ls__file_find(f, pgno, &found);
    CHECK_INT(model_has_page(m, pgno) ? SQLITE_OK : SQLITE_NOTFOUND, rc);
    if (rc != SQLITE_OK)
      continue;
    CHECK_INT(ordinal++, found);
    CHECK_OK(read_page(f, file, found, page));
    model_page(model, m->page_size, pgno, m->seed);
    CHECK_MEM(model, page, m->page_size);
  }
  CHECK_INT(ordinal, f->info.pages);
}

static void check_windows(const ls_file *f) {
  ls_cache_limit(0);
  ls_cache_limit(64 << 20);
  for (uint32_t i = 0; i < f->info.pages; i++) {
    uint64_t offset = 0, at = 0;
    uint32_t length = 0, own = 0, first = 0, end = 0;
    ls__file_window(f, i, &offset, &length, &first, &end);
    ls__file_frame(f, i, &at, &own);
    CHECK(first <= i && end > i && end <= f->info.pages);
    CHECK(offset >= LS_HEADER_SIZE && offset <= at && at + own <= offset + length);
    CHECK(offset + length <= f->index_start - LS_ZERO_SIZE);
    CHECK(length <= LS_WINDOW || (offset == at && length == own));
    if (at + LS_WINDOW < f->index_start)
      CHECK(at - offset <= LS_WINDOW / 4 + ls__frame_max(f->info.page_size));
    CHECK(length + ls__frame_max(f->info.page_size) >= LS_WINDOW); /* it is used up */
  }
}

static void test_models(void) {
  static const ltx_model models[] = {
      {.page_size = 512, .commit = 3000, .min_txid = 1, .max_txid = 5, .every = 1, .seed = 1},
      {.page_size = 512, .commit = 9000, .min_txid = 2, .max_txid = 5, .every = 3, .seed = 2, .frames = 1},
      {.page_size = 4096, .commit = 300, .min_txid = 1, .max_txid = 7, .every = 1, .seed = 3, .checksums = 1},
      {.page_size = 4096, .commit = 900, .min_txid = 3, .max_txid = 7, .every = 4, .seed = 4},
      {.page_size = 65536, .commit = 40, .min_txid = 1, .max_txid = 7, .every = 1, .seed = 5},
      {.page_size = 65536,
       .commit = 40,
       .min_txid = 9,
       .max_txid = 9,
       .every = 1,
       .seed = 6,
       .checksums = 1,
       .frames = 1,
       .frame_options = LZ4_STORED | LZ4_SUM},
      {.page_size = 65536, .commit = 16387, .min_txid = 9, .max_txid = 9, .every = 16386, .seed = 6},
      {.page_size = 1024, .commit = 0, .min_txid = 9, .max_txid = 9, .every = 1, .seed = 7},
      {.page_size = 1024, .commit = 0, .min_txid = 1, .max_txid = 9, .every = 1, .seed = 7, .checksums = 1},
  };
  for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
    for (int way = 0; way < 3; way++) {
      begin();
      if (way == 2)
        ls_cache_limit(0); /* nothing can be kept: every page comes by accept */
      bytes file = {0};
      ltx_write(&file, &models[i], NULL);
      ls_file *f = NULL;
      if (way == 0)
        CHECK_OK(load(db, &file, &f));
      else
        CHECK_OK(open_ends(db, &file, 256 << 10, file.n / 2, &f));
      if (f->size > LS_WHOLE_MAX && way == 1)
        check_windows(f);
      check_model(f, &file, &models[i]);
      ls_file_unref(f);
      free(file.p);
      end();
    }
  }
}

static bytes large(void) {
  bytes file = {0};
  ltx_write(&file, &(ltx_model){.page_size = 4096, .commit = 400, .min_txid = 1, .max_txid = 5, .every = 1},
            NULL);
  CHECK(file.n > LS_WHOLE_MAX);
  return file;
}

/* The pages of a large file's prefix are cached by opening it, those of a window by reading one of them. */
static void test_neighbours(void) {
  begin();
  bytes file = large();
  ls_file *f = NULL;
  CHECK_OK(open_ends(db, &file, 50000, 10000, &f));
  uint64_t offset;
  uint32_t length;
  for (uint32_t i = 0; i < 100; i++) {
    ls__file_frame(f, i, &offset, &length);
    CHECK_INT(offset + length <= 50000, ls__cache_has(f->serial, i));
  }
  uint32_t first, after;
  ls__file_window(f, 300, &offset, &length, &first, &after);
  CHECK_OK(read_page(f, &file, 300, page));
  for (uint32_t i = 200; i < 400; i++) {
    uint64_t at;
    uint32_t own;
    ls__file_frame(f, i, &at, &own);
    CHECK_INT(at >= offset && at + own <= offset + length, ls__cache_has(f->serial, i));
  }
  /* A bad neighbour is not kept and not reported; a bad frame is. */
  uint64_t bad;
  uint32_t bad_length;
  ls__file_frame(f, 201, &bad, &bad_length);
  file.p[bad + 3] ^= 1;
  CHECK_OK(read_page(f, &file, 200, page));
  CHECK(!ls__cache_has(f->serial, 201));
  CHECK(ls__cache_has(f->serial, 202));
  CHECK_INT(SQLITE_CORRUPT, read_page(f, &file, 201, page));
  CHECK_HAS("place/file.ltx: frame at offset", err);
  CHECK_HAS("expected page 202, found page 203", err);
  ls__file_frame(f, 250, &bad, &bad_length);
  CHECK_INT(SQLITE_MISUSE, ls__file_accept(f, bad + 1, file.p, 100, 250, 0, page, err, sizeof(err)));
  CHECK_INT(SQLITE_MISUSE, ls__file_accept(f, bad, file.p, bad_length - 1, 250, 0, page, err, sizeof(err)));
  ls_file_unref(f);
  free(file.p);
  end();
}

/* A small file is taken whole or not at all. */
static void test_small_is_verified(void) {
  begin();
  bytes file = {0};
  read_fixture(&file, "4k-blocks-snapshot.ltx");
  ls_file *f = NULL;
  CHECK_OK(open_ends(db, &file, 2000, 200, &f));
  CHECK_INT(SQLITE_MISUSE, ls__file_accept(f, 0, file.p, (uint32_t)file.n - 1, 0, 0, page, err, sizeof(err)));
  file.p[90] ^= 1; /* reserved bytes of the header: nothing but the checksum sees this */
  CHECK_INT(SQLITE_CORRUPT, read_page(f, &file, 3, page));
  CHECK_HAS("file checksum: expected 8ba6dce95401bb7a, found", err);
  CHECK(!ls__cache_has(f->serial, 0));
  file.p[90] ^= 1;
  CHECK_OK(read_page(f, &file, 3, page));
  CHECK(ls__cache_has(f->serial, 0));
  ls_file_unref(f);
  free(file.p);
  end();
}

/* ---------------------------------------------------------------------------------------------- rules that files break */

static void expect_load_error(const bytes *file, const char *text) {
  ls_file *f = NULL;
  CHECK_INT(SQLITE_CORRUPT, load(db, file, &f));
  CHECK_HAS(text, err);
  CHECK_HAS("place/file.ltx: ", err);
  CHECK(f == NULL);
}

static void reseal(bytes *file, const ltx_model *m) {
  /* Recomputes the checksum after a change outside of the frames. */
  bytes original = {0}, ends = {0};
  ltx_write(&original, m, &ends);
  uint64_t crc = ls__crc64(0, file->p, 100), at = 100;
  for (uint32_t pgno = 1; pgno <= m->commit; pgno++) {
    if (!model_has_page(m, pgno))
      continue;
    model_page(model, m->page_size, pgno, m->seed);
    crc = ls__crc64(ls__crc64(crc, file->p + at, 10), model, m->page_size);
    memcpy(&at, ends.p, 8);
    memmove(ends.p, ends.p + 8, ends.n -= 8);
  }
  crc = ls__crc64(crc, file->p + at, file->n - 8 - at) | LS_CHECKSUM_FLAG;
  file->n -= 8;
  put_be(file, crc, 8);
  free(original.p);
  free(ends.p);
}

static void test_rules(void) {
  begin();
  ltx_model m = {.page_size = 512, .commit = 4, .min_txid = 1, .max_txid = 5, .every = 1, .checksums = 1};
  bytes file = {0};
  ltx_write(&file, &m, NULL);
  ls_file *f = NULL;

  file.p[file.n - 16 + 7] ^= 1;
  reseal(&file, &m);
  expect_load_error(&file, "database checksum: expected");
  file.p[file.n - 16 + 7] ^= 1;
  reseal(&file, &m);
  CHECK_OK(load(db, &file, &f));
  ls_file_unref(f);

  file.p[15] = 5; /* commit: one more page than there is */
  expect_load_error(&file, "a snapshot of 5 pages must hold all of them: expected 5 frames, found 4");
  file.p[15] = 3;
  expect_load_error(&file, "page 4 after page 3 (expected ascending, at most 3");
  file.p[15] = 4;

  size_t zero = file.n - 24 - ls__be64(file.p + file.n - 24) - 6;
  file.p[zero] = 1;
  expect_load_error(&file, "no zero page header at offset");
  file.p[zero] = 0;

  file.p[file.n - 24] = 1;
  expect_load_error(&file, "length of the page index at offset");
  file.p[file.n - 24] = 0;

  file.p[file.n - 1] ^= 1;
  expect_load_error(&file, "file checksum: expected");
  file.p[file.n - 1] ^= 1;

  put_be(&file, 0, 1); /* bytes after the trailer */
  ls_file *none = NULL;
  CHECK_INT(SQLITE_CORRUPT, load(db, &file, &none));
  file.n--;

  ls_file_spec spec = spec_of(&file);
  spec.max_txid = 6;
  CHECK_INT(SQLITE_CORRUPT, ls_file_load(db, &spec, file.p, &none, err, sizeof(err)));
  CHECK_HAS("TXIDs: expected 0000000000000001-0000000000000006 by its name, found "
            "0000000000000001-0000000000000005",
            err);
  spec = spec_of(&file);
  spec.size = 130;
  CHECK_INT(SQLITE_CORRUPT, ls_file_load(db, &spec, file.p, &none, err, sizeof(err)));
  CHECK_HAS("an LTX file has at least 131 bytes, found 130", err);
  CHECK(none == NULL);
  free(file.p);
  end();
}

static void test_page1(void) {
  begin();
  bytes file = {0};
  read_fixture(&file, "512-snapshot.ltx");
  static const uint8_t text[] = "SQLite format 3";
  size_t at = 100;
  while (memcmp(file.p + at, text, 15) != 0)
    at++;
  file.p[at] = 'T';
  expect_load_error(&file, "page 1 is not that of a SQLite database");
  ls_file *f = NULL;
  CHECK_INT(SQLITE_CORRUPT, open_ends(db, &file, file.n, file.n, &f));
  CHECK_HAS("page 1 is not that of a SQLite database", err);
  free(file.p);
  end();
}

static void test_older_format(void) {
  begin();
  bytes file = large();
  memcpy(file.p + 104, "SQLite", 6);
  expect_load_error(&file, "this is LTX format 1, written before Litestream 0.5.0");
  ls_file *f = NULL;
  CHECK_INT(SQLITE_CORRUPT, open_ends(db, &file, 5000, 5000, &f));
  CHECK_HAS("this is LTX format 1", err);
  free(file.p);
  end();
}

/* The ends must be long enough: that is the caller's part, and the text says how long. */
static void test_short_ends(void) {
  begin();
  bytes file = large();
  ls_file *f = NULL;
  uint64_t index = ls__be64(file.p + file.n - 24);
  CHECK_INT(SQLITE_CORRUPT, open_ends(db, &file, 99, 10000, &f));
  CHECK_INT(SQLITE_MISUSE, open_ends(db, &file, 5000, 23, &f));
  file.p[23]++; /* no snapshot any more */
  CHECK_INT(SQLITE_TOOBIG, open_ends(db, &file, 5000, index + 23, &f));
  CHECK_HAS("the page index needs the last", err);
  file.p[23]--;
  CHECK_INT(SQLITE_MISUSE, open_ends(db, &file, 110, 10000, &f));
  CHECK_HAS("bytes for page 1, got 110", err);
  ls_file_spec spec = spec_of(&file);
  CHECK_INT(SQLITE_MISUSE, ls_file_open(db, &spec, file.p, file.n + 1, file.p, file.n, &f, NULL, 0));
  CHECK(f == NULL);
  CHECK_OK(open_ends(db, &file, 5000, index + 24, &f));
  ls_file_unref(f);
  free(file.p);
  end();
}

static void test_counting(void) {
  begin();
  bytes file = {0};
  read_fixture(&file, "512-sparse.ltx");
  ls_file *a = NULL, *b = NULL;
  CHECK_OK(load(db, &file, &a));
  CHECK_OK(load(db, &file, &b));
  CHECK(a->serial != b->serial);
  ls_stats s;
  ls_stats_get(&s);
  CHECK_INT(2, s.files);
  CHECK(s.index_bytes > 0);
  ls__file_ref(a);
  ls_file_unref(a);
  CHECK_INT(SQLITE_OK, read_page(a, &file, 0, page));
  ls_file_unref(a);
  ls_file_unref(b);
  ls_file_unref(NULL);
  free(file.p);
  end();
}

/* ------------------------------------------------------------------------------------------------------ out of memory */

/* One life of a file. The result is that of the first step that fails. */
static int life(const bytes *file, int whole) {
  ls_file *f = NULL;
  int rc = whole ? load(db, file, &f) : open_ends(db, file, 60000, 20000, &f);
  if (rc != SQLITE_OK)
    return rc;
  for (uint32_t i = 0; i < f->info.pages && rc == SQLITE_OK; i += 11) {
    rc = read_page(f, file, i, page);
    if (rc != SQLITE_OK)
      continue;
    model_page(model, f->info.page_size, ls__file_pgno(f, i), 0);
    CHECK_MEM(model, page, f->info.page_size);
  }
  ls_file_unref(f);
  return rc;
}

static void test_no_memory(void) {
  bytes file = {0};
  ltx_write(&file, &(ltx_model){.page_size = 16384, .commit = 60, .min_txid = 1, .max_txid = 5, .every = 1},
            NULL);
  CHECK(file.n > LS_WHOLE_MAX);
  int points = 0;
  for (int whole = 0; whole < 2; whole++) {
    for (int forever = 0; forever < 2; forever++) {
      for (uint64_t n = 1;; n++) {
        begin();
        stub_fail_malloc(n, forever);
        int rc = life(&file, whole);
        int failed = stub_malloc_failed();
        stub_fail_malloc(0, 0);
        CHECK(rc == SQLITE_OK || (failed && rc == SQLITE_NOMEM));
        end();
        if (!failed)
          break;
        points++;
      }
    }
  }
  printf("out of memory: %d points\n", points);
  CHECK(points > 100);
  free(file.p);
}

int main(void) {
  db = open_test_db();
  test_fixtures();
  test_models();
  test_neighbours();
  test_small_is_verified();
  test_rules();
  test_page1();
  test_older_format();
  test_short_ends();
  test_counting();
  test_no_memory();
  ls_db_close(db);
  return 0;
}

/*
** file_access.c - what the file tests share.
*/
#include "file_access.h"

#include "cache.h"
#include "check.h"
#include "stub_api.h"

char err[400];

ls_db *open_test_db(void) {
  ls_db *db = NULL;
  stub_api_install();
  CHECK_INT(SQLITE_OK, ls__cache_init());
  CHECK_INT(SQLITE_OK, ls_db_open(1, "test", &db));
  return db;
}

ls_file_spec spec_of(const bytes *file) {
  ls_file_spec spec = {.file_id = 42, .size = file->n, .level = 3, .name = "place/file.ltx"};
  if (file->n >= 32) {
    spec.min_txid = ls__be64(file->p + 16);
    spec.max_txid = ls__be64(file->p + 24);
  }
  return spec;
}

static uint8_t *exact(const uint8_t *p, size_t n) {
  uint8_t *copy = malloc(n > 0 ? n : 1);
  CHECK(copy != NULL);
  if (n > 0)
    memcpy(copy, p, n);
  return copy;
}

int load(ls_db *db, const bytes *file, ls_file **out) {
  ls_file_spec spec = spec_of(file);
  uint8_t *copy = exact(file->p, file->n);
  int rc = ls_file_load(db, &spec, copy, out, err, sizeof(err));
  free(copy);
  return rc;
}

int open_ends(ls_db *db, const bytes *file, size_t prefix, size_t suffix, ls_file **out) {
  ls_file_spec spec = spec_of(file);
  if (prefix > file->n)
    prefix = file->n;
  if (suffix > file->n)
    suffix = file->n;
  uint8_t *head = exact(file->p, prefix), *tail = exact(file->p + file->n - suffix, suffix);
  int rc = ls_file_open(db, &spec, head, prefix, tail, suffix, out, err, sizeof(err));
  free(head);
  free(tail);
  return rc;
}

int read_page(ls_file *f, const bytes *file, uint32_t ordinal, uint8_t *page) {
  ls_guard guard;
  ls__guard_add(&guard);
  int cached = ls__cache_read(&guard, f, ordinal, page, 0, f->info.page_size);
  ls__guard_remove(&guard);
  if (cached)
    return SQLITE_OK;
  uint64_t offset = 0;
  uint32_t length = (uint32_t)f->size, first, end;
  if (f->size > LS_WHOLE_MAX)
    ls__file_window(f, ordinal, &offset, &length, &first, &end);
  CHECK(offset <= file->n && length <= file->n - offset);
  uint8_t *range = exact(file->p + offset, length);
  int rc = ls__file_accept(f, offset, range, length, ordinal, 0, page, err, sizeof(err));
  free(range);
  return rc;
}

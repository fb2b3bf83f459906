/*
** fuzz_ltx.c - any bytes as an LTX file: header, page index, and each frame by itself, since no fuzzer gets past the
** file checksum.
*/
#include <stdlib.h>

#include "file.h"
#include "stub_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void decode_frames(const ls_file *f, const uint8_t *data) {
  uint8_t *page = malloc(f->info.page_size);
  if (page == NULL)
    abort();
  for (uint32_t i = 0; i < f->info.pages; i++) {
    uint64_t offset;
    uint32_t length, ordinal = UINT32_MAX;
    ls_pgno pgno = ls__file_pgno(f, i);
    ls__file_frame(f, i, &offset, &length);
    if (ls__file_find(f, pgno, &ordinal) != SQLITE_OK || ordinal != i)
      abort();
    ls__ltx_frame(data + offset, length, offset, pgno, f->info.page_size, page, NULL);
  }
  free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static ls_db *db;
  char err[200];
  ls_file_info info;
  ls_file *f = NULL;
  stub_api_install();
  if (db == NULL && ls_db_open(1, "fuzz", &db) != SQLITE_OK)
    abort();
  if (ls_header_decode(data, n, &info, err, sizeof(err)) != SQLITE_OK)
    return 0;
  ls_file_spec spec = {.size = n, .min_txid = info.min_txid, .max_txid = info.max_txid, .name = "fuzz"};
  if (ls_file_load(db, &spec, data, &f, err, sizeof(err)) == SQLITE_OK)
    ls_file_unref(f);
  f = NULL;
  if (ls_file_open(db, &spec, data, n, data, n, &f, err, sizeof(err)) != SQLITE_OK)
    return 0;
  decode_frames(f, data);
  ls_file_unref(f);
  return 0;
}

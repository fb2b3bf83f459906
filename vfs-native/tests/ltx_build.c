/*
** ltx_build.c - see ltx_build.h. Layout: spec 1.1 to 1.6.
*/
#include "ltx_build.h"

#include "check.h"
#include "crc64.h"

/* The file checksum is over the pages, not over their compressed bytes. */
static void hash(ltx_build *b, const void *from, size_t n) { b->checksum = ls__crc64(b->checksum, from, n); }

void ltx_begin(ltx_build *b, uint32_t page_size, ls_pgno commit, ls_txid min, ls_txid max, ls_ms timestamp) {
  memset(b, 0, sizeof *b);
  b->page_size = page_size;
  put(&b->file, "LTX1", 4);
  put_be(&b->file, 2, 4); /* NoChecksum */
  put_be(&b->file, page_size, 4);
  put_be(&b->file, commit, 4);
  put_be(&b->file, min, 8);
  put_be(&b->file, max, 8);
  put_be(&b->file, (uint64_t)timestamp, 8);
  while (b->file.n < 100)
    put_be(&b->file, 0, 1);
  hash(b, b->file.p, 100);
}

void ltx_page(ltx_build *b, ls_pgno pgno, const uint8_t *page) {
  size_t at = b->file.n;
  bytes block = {0};
  lz4_write_block(&block, page, b->page_size, 0);
  put_be(&b->file, pgno, 4);
  put_be(&b->file, 1, 2);
  put_be(&b->file, block.n, 4);
  hash(b, b->file.p + at, 10);
  hash(b, page, b->page_size);
  put(&b->file, block.p, block.n);
  free(block.p);
  put_varint(&b->index, pgno);
  put_varint(&b->index, at);
  put_varint(&b->index, b->file.n - at);
}

void ltx_end(ltx_build *b) {
  size_t at = b->file.n;
  put_be(&b->file, 0, 6);
  put_varint(&b->index, 0);
  put(&b->file, b->index.p, b->index.n);
  put_be(&b->file, b->index.n, 8);
  put_be(&b->file, 0, 8);
  hash(b, b->file.p + at, b->file.n - at);
  put_be(&b->file, b->checksum | UINT64_C(1) << 63, 8);
  free(b->index.p);
}

void ltx_fill(uint8_t *page, uint32_t page_size, ls_pgno pgno, uint64_t version, uint32_t cookie) {
  uint64_t seed = version * UINT64_C(1000003) + pgno;
  for (uint32_t i = 0; i < page_size; i += 8) {
    uint64_t word = next_random(&seed);
    memcpy(page + i, &word, 8);
  }
  if (pgno == 1) {
    memcpy(page, "SQLite format 3", 16);
    page[16] = (uint8_t)(page_size == 65536 ? 0 : page_size >> 8);
    page[17] = (uint8_t)(page_size == 65536 ? 1 : 0);
    page[18] = page[19] = 2;
    page[20] = 0;
    page[21] = 64;
    page[22] = page[23] = 32;
    for (int i = 0; i < 4; i++)
      page[40 + i] = (uint8_t)(cookie >> 8 * (3 - i));
  }
}

/*
** ltx_build.h - writes LTX files in memory, for tests. Pages are stored as LZ4 literals.
*/
#ifndef LS_LTX_BUILD_H
#define LS_LTX_BUILD_H

#include "litestream.h"

typedef struct ltx_build {
  uint32_t page_size;
  uint8_t *bytes; /* free() */
  uint64_t len, cap;
  uint32_t pages;
  uint8_t *index;
  uint64_t index_len, index_cap;
} ltx_build;

void ltx_begin(ltx_build *b, uint32_t page_size, ls_pgno commit, ls_txid min, ls_txid max, ls_ms timestamp);
/* In ascending order of pgno. */
void ltx_page(ltx_build *b, ls_pgno pgno, const uint8_t *page);
/* Writes index and trailer: b->bytes and b->len are the file. */
void ltx_end(ltx_build *b);
void ltx_free(ltx_build *b);

/* Fills a page with bytes that tell page number and version; page 1 is a database header with that cookie. */
void ltx_fill(uint8_t *page, uint32_t page_size, ls_pgno pgno, uint64_t version, uint32_t cookie);

#endif

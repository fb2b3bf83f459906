/*
** ltx_build.h - an LTX file in memory with just the pages that a test names, for tests of views and readers.
*/
#ifndef LS_LTX_BUILD_H
#define LS_LTX_BUILD_H

#include "litestream.h"
#include "ltx_write.h"

typedef struct ltx_build {
  uint32_t page_size;
  bytes file; /* the file's bytes after ltx_end; free(file.p) */
  bytes index;
  uint64_t checksum;
} ltx_build;

void ltx_begin(ltx_build *b, uint32_t page_size, ls_pgno commit, ls_txid min, ls_txid max, ls_ms timestamp);
/* In ascending order of pgno. */
void ltx_page(ltx_build *b, ls_pgno pgno, const uint8_t *page);
void ltx_end(ltx_build *b);

/* Fills a page with bytes that tell page number and version; page 1 is a database header with that cookie. */
void ltx_fill(uint8_t *page, uint32_t page_size, ls_pgno pgno, uint64_t version, uint32_t cookie);

#endif

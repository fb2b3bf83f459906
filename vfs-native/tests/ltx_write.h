/*
** ltx_write.h - writes LTX files for tests, reads the fixtures, and knows what their pages are.
**
** The encoder is written from the format's description alone and shares nothing with the core but its checksums, which
** have their own known-answer tests.
*/
#ifndef LS_LTX_WRITE_H
#define LS_LTX_WRITE_H

#include <stddef.h>
#include <stdint.h>

/* A growing buffer. Zero it before the first use, free(p) after the last. */
typedef struct bytes {
  uint8_t *p;
  size_t n, cap;
} bytes;

void put(bytes *out, const void *p, size_t n);
void put_be(bytes *out, uint64_t value, unsigned width);
void put_le(bytes *out, uint64_t value, unsigned width);
void put_varint(bytes *out, uint64_t value);

/* One LZ4 block; history: bytes directly before src that matches may reach. */
void lz4_write_block(bytes *out, const uint8_t *src, size_t n, size_t history);

/* One LZ4 frame. block_size: bytes per block, at most 64 KiB. */
enum { LZ4_LINKED = 1, LZ4_BLOCK_SUMS = 2, LZ4_SIZE = 4, LZ4_SUM = 8, LZ4_STORED = 16 };
void lz4_write_frame(bytes *out, const uint8_t *src, size_t n, unsigned options, size_t block_size);

/* A test's page: between random and constant, by seed. Page 1 begins as SQLite's does, with cookie `seed`. */
void model_page(uint8_t *page, uint32_t page_size, uint32_t pgno, uint32_t seed);

typedef struct ltx_model {
  uint32_t page_size, commit;
  uint64_t min_txid, max_txid;
  int checksums;          /* rolling database checksums; only for full files */
  int frames;             /* LZ4 frames instead of blocks */
  unsigned frame_options; /* of these frames */
  uint32_t seed;
  uint32_t every; /* holds the pages whose number is 1 modulo this; 1: all of them */
} ltx_model;

/* The whole file. frame_ends, unless NULL, gets the end of each frame as u64 numbers. */
void ltx_write(bytes *out, const ltx_model *model, bytes *frame_ends);
int model_has_page(const ltx_model *model, uint32_t pgno);

/* A file of tests/data. */
void read_fixture(bytes *out, const char *name);

#endif

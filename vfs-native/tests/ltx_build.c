/*
** ltx_build.c - see ltx_build.h. Layout: spec 1.1 to 1.6.
*/
#include "ltx_build.h"

#include "check.h"
#include "crc64.h"

static void put(uint8_t **bytes, uint64_t *len, uint64_t *cap, const void *from, uint64_t n) {
  if (n > *cap - *len) {
    *cap = 2 * *cap + n;
    *bytes = realloc(*bytes, *cap);
    CHECK(*bytes != NULL);
  }
  memcpy(*bytes + *len, from, n);
  *len += n;
}

static void put_bytes(ltx_build *b, const void *from, uint64_t n) {
  put(&b->bytes, &b->len, &b->cap, from, n);
}

static void put_byte(ltx_build *b, uint32_t byte) {
  uint8_t one = (uint8_t)byte;
  put_bytes(b, &one, 1);
}

static void put_be(ltx_build *b, uint64_t value, int width) {
  while (width > 0)
    put_byte(b, (uint32_t)(value >> 8 * --width & 0xff));
}

static void put_varint(ltx_build *b, uint64_t value) {
  do {
    uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    put(&b->index, &b->index_len, &b->index_cap, &byte, 1);
    value >>= 7;
  } while (value);
}

void ltx_begin(ltx_build *b, uint32_t page_size, ls_pgno commit, ls_txid min, ls_txid max, ls_ms timestamp) {
  *b = (ltx_build){.page_size = page_size};
  put_bytes(b, "LTX1", 4);
  put_be(b, 2, 4); /* NoChecksum */
  put_be(b, page_size, 4);
  put_be(b, commit, 4);
  put_be(b, min, 8);
  put_be(b, max, 8);
  put_be(b, (uint64_t)timestamp, 8);
  while (b->len < 100)
    put_byte(b, 0);
}

void ltx_page(ltx_build *b, ls_pgno pgno, const uint8_t *page) {
  uint32_t extra = b->page_size - 15, length = 1 + extra / 255 + 1 + b->page_size;
  put_varint(b, pgno);
  put_varint(b, b->len);
  put_varint(b, 10 + length);
  put_be(b, pgno, 4);
  put_be(b, 1, 2);
  put_be(b, length, 4);
  put_byte(b, 0xf0);
  for (; extra >= 255; extra -= 255)
    put_byte(b, 255);
  put_byte(b, extra);
  put_bytes(b, page, b->page_size);
  b->pages++;
}

/* The file checksum is over pages, not over their compressed bytes: walk over what was written. */
static uint64_t checksum(const ltx_build *b, uint64_t frames_end) {
  uint64_t crc = ls__crc64(0, b->bytes, 100), at = 100;
  uint32_t length = 1 + (b->page_size - 15) / 255 + 1 + b->page_size;
  while (at < frames_end) {
    crc = ls__crc64(crc, b->bytes + at, 10);
    crc = ls__crc64(crc, b->bytes + at + 10 + length - b->page_size, b->page_size);
    at += 10 + length;
  }
  return ls__crc64(crc, b->bytes + at, b->len - at) | UINT64_C(1) << 63;
}

void ltx_end(ltx_build *b) {
  uint64_t frames_end = b->len;
  put_be(b, 0, 6);
  put_varint(b, 0);
  put_bytes(b, b->index, b->index_len);
  put_be(b, b->index_len, 8);
  put_be(b, 0, 8);
  put_be(b, checksum(b, frames_end), 8);
}

void ltx_free(ltx_build *b) {
  free(b->bytes);
  free(b->index);
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

/*
** ltx_write.c - writes LTX files for tests.
*/
#include "ltx_write.h"

#include "check.h"
#include "crc64.h"
#include "xxh32.h"

void put(bytes *out, const void *p, size_t n) {
  if (n > out->cap - out->n) {
    out->cap = (out->n + n) * 2;
    out->p = realloc(out->p, out->cap);
    CHECK(out->p != NULL);
  }
  if (n > 0)
    memcpy(out->p + out->n, p, n);
  out->n += n;
}

void put_be(bytes *out, uint64_t value, unsigned width) {
  for (unsigned i = width; i-- > 0;)
    put(out, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

void put_le(bytes *out, uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; i++)
    put(out, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

void put_varint(bytes *out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    put_le(out, (value & 0x7F) | 0x80, 1);
  put_le(out, value, 1);
}

/* ---------------------------------------------------------------------------------------------------------------- LZ4 */

static void put_length(bytes *out, size_t n) {
  for (; n >= 255; n -= 255)
    put_le(out, 255, 1);
  put_le(out, n, 1);
}

static void put_sequence(bytes *out, const uint8_t *literals, size_t literal_count, size_t offset,
                         size_t match) {
  size_t extra = match > 0 ? match - 4 : 0;
  put_le(out, (literal_count < 15 ? literal_count : 15) << 4 | (extra < 15 ? extra : 15), 1);
  if (literal_count >= 15)
    put_length(out, literal_count - 15);
  put(out, literals, literal_count);
  if (match == 0)
    return;
  put_le(out, offset, 2);
  if (extra >= 15)
    put_length(out, extra - 15);
}

/* Greedy, with one candidate for each hash. The last match begins 12 bytes before the end or earlier, and the last 5
** bytes are literals, as the format demands. */
void lz4_write_block(bytes *out, const uint8_t *src, size_t n, size_t history) {
  static size_t table[4096];
  memset(table, 0, sizeof(table));
  const uint8_t *base = src - history;
  size_t end = history + n, anchor = history;
  for (size_t at = 0; n >= 13 && at + 12 <= end;) {
    uint32_t four;
    memcpy(&four, base + at, 4);
    size_t *slot = &table[four * 2654435761u >> 20], candidate = *slot;
    *slot = at + 1;
    if (at < history || candidate == 0 || at - (candidate - 1) > 65535 ||
        memcmp(base + candidate - 1, &four, 4) != 0) {
      at++;
      continue;
    }
    size_t from = candidate - 1, length = 4;
    while (at + length + 5 < end && base[from + length] == base[at + length])
      length++;
    put_sequence(out, base + anchor, at - anchor, at - from, length);
    at += length;
    anchor = at;
  }
  put_sequence(out, base + anchor, end - anchor, 0, 0);
}

void lz4_write_frame(bytes *out, const uint8_t *src, size_t n, unsigned options, size_t block_size) {
  put_le(out, 0x184D2204, 4);
  size_t descriptor = out->n;
  put_le(out,
         0x40u | ((options & LZ4_LINKED) ? 0 : 0x20u) | ((options & LZ4_BLOCK_SUMS) ? 0x10u : 0) |
             ((options & LZ4_SIZE) ? 8u : 0) | ((options & LZ4_SUM) ? 4u : 0),
         1);
  put_le(out, 0x40, 1);
  if (options & LZ4_SIZE)
    put_le(out, n, 8);
  put_le(out, ls__xxh32(out->p + descriptor, out->n - descriptor) >> 8, 1);
  for (size_t at = 0; at < n; at += block_size) {
    size_t length = n - at < block_size ? n - at : block_size;
    size_t head = out->n;
    put_le(out, 0, 4);
    if (options & LZ4_STORED)
      put(out, src + at, length);
    else
      lz4_write_block(out, src + at, length, (options & LZ4_LINKED) ? at : 0);
    size_t stored = out->n - head - 4;
    uint32_t word = (uint32_t)stored | ((options & LZ4_STORED) ? 0x80000000u : 0);
    for (unsigned i = 0; i < 4; i++)
      out->p[head + i] = (uint8_t)(word >> 8 * i);
    if (options & LZ4_BLOCK_SUMS)
      put_le(out, ls__xxh32(out->p + head + 4, stored), 4);
  }
  put_le(out, 0, 4);
  if (options & LZ4_SUM)
    put_le(out, ls__xxh32(src, n), 4);
}

/* ---------------------------------------------------------------------------------------------------------------- LTX */

void model_page(uint8_t *page, uint32_t page_size, uint32_t pgno, uint32_t seed) {
  uint64_t random = (uint64_t)seed << 32 | pgno;
  uint64_t kind = random_below(&random, 4);
  for (uint32_t i = 0; i < page_size; i++) {
    uint64_t r = next_random(&random);
    page[i] = kind == 0                 ? (uint8_t)r               /* cannot be compressed */
              : kind == 1               ? (uint8_t)(i / 97 + pgno) /* runs */
              : (r & 7) != 0 && i >= 24 ? page[i - 1 - (r >> 8) % (i < 24 ? i : 24)] /* short matches */
                                        : (uint8_t)(r >> 16);
  }
  if (pgno != 1)
    return;
  memcpy(page, "SQLite format 3", 16);
  page[16] = (uint8_t)(page_size >> 8);
  page[17] = page_size == 65536 ? 1 : 0;
  for (unsigned i = 0; i < 4; i++)
    page[40 + i] = (uint8_t)(seed >> 8 * (3 - i));
}

int model_has_page(const ltx_model *m, uint32_t pgno) {
  return pgno >= 1 && pgno <= m->commit && pgno != 0x40000000u / m->page_size + 1 &&
         (pgno - 1) % m->every == 0;
}

static void write_header(bytes *out, const ltx_model *m) {
  put(out, "LTX1", 4);
  put_be(out, m->checksums ? 0 : 2, 4);
  put_be(out, m->page_size, 4);
  put_be(out, m->commit, 4);
  put_be(out, m->min_txid, 8);
  put_be(out, m->max_txid, 8);
  put_be(out, 1767225600000u + m->max_txid, 8);
  put_be(out, m->checksums && m->min_txid > 1 ? UINT64_C(1) << 63 | 77 : 0, 8);
  for (unsigned i = 0; i < 52; i++)
    put_le(out, 0, 1);
}

static void write_frame(bytes *out, const ltx_model *m, uint32_t pgno, const uint8_t *page) {
  put_be(out, pgno, 4);
  put_be(out, m->frames ? 0 : 1, 2);
  if (m->frames) {
    lz4_write_frame(out, page, m->page_size, m->frame_options, m->page_size);
  } else {
    size_t head = out->n;
    put_be(out, 0, 4);
    lz4_write_block(out, page, m->page_size, 0);
    for (unsigned i = 0; i < 4; i++)
      out->p[head + i] = (uint8_t)((out->n - head - 4) >> 8 * (3 - i));
  }
}

void ltx_write(bytes *out, const ltx_model *m, bytes *frame_ends) {
  bytes index = {0};
  uint8_t *page = malloc(m->page_size);
  CHECK(page != NULL);
  uint64_t rolling = 0;
  write_header(out, m);
  uint64_t crc = ls__crc64(0, out->p, 100);
  for (uint32_t pgno = 1; pgno != 0 && pgno <= m->commit; pgno++) {
    if (!model_has_page(m, pgno))
      continue;
    model_page(page, m->page_size, pgno, m->seed);
    size_t begin = out->n;
    write_frame(out, m, pgno, page);
    crc = ls__crc64(crc, out->p + begin, m->frames ? 6 : 10);
    crc = ls__crc64(crc, page, m->page_size);
    rolling ^= ls__crc64(ls__crc64(0, out->p + begin, 4), page, m->page_size);
    put_varint(&index, pgno);
    put_varint(&index, begin);
    put_varint(&index, out->n - begin);
    if (frame_ends != NULL)
      put(frame_ends, &(uint64_t){out->n}, 8);
  }
  size_t tail = out->n;
  put_be(out, 0, 6);
  put_varint(&index, 0);
  put(out, index.p, index.n);
  put_be(out, index.n, 8);
  put_be(out, m->checksums ? UINT64_C(1) << 63 | rolling : 0, 8);
  crc = ls__crc64(crc, out->p + tail, out->n - tail);
  put_be(out, UINT64_C(1) << 63 | crc, 8);
  free(index.p);
  free(page);
}

void read_fixture(bytes *out, const char *name) {
  char path[1024];
  const char *slash = strrchr(__FILE__, '/');
  snprintf(path, sizeof(path), "%.*sdata/%s", slash == NULL ? 0 : (int)(slash - __FILE__) + 1, __FILE__,
           name);
  FILE *f = fopen(path, "rb");
  if (f == NULL)
    CHECK_FAIL_("no fixture %s", path);
  uint8_t buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), f)) > 0;)
    put(out, buffer, n);
  fclose(f);
}

/*
** test_lz4.c - round trips, legal frames of every kind, and hostile input in buffers without a byte to spare.
*/
#include "check.h"
#include "ltx_write.h"
#include "lz4.h"
#include "stub_api.h"

/* A heap copy of exactly n bytes: the sanitizer sees each byte that is read outside. */
static uint8_t *exact(const uint8_t *p, size_t n) {
  uint8_t *copy = malloc(n > 0 ? n : 1);
  CHECK(copy != NULL);
  if (n > 0)
    memcpy(copy, p, n);
  return copy;
}

static void test_block_round_trip(void) {
  for (uint32_t size = 512; size <= 65536; size *= 2) {
    for (uint32_t seed = 0; seed < 40; seed++) {
      uint8_t *page = malloc(size), *out = malloc(size);
      CHECK(page != NULL && out != NULL);
      model_page(page, size, seed + 2, seed);
      bytes block = {0};
      lz4_write_block(&block, page, size, 0);
      uint8_t *in = exact(block.p, block.n);
      size_t produced = 0;
      CHECK(ls__lz4_block(in, block.n, out, out, size, &produced));
      CHECK_INT(size, produced);
      CHECK_MEM(page, out, size);
      CHECK(!ls__lz4_block(in, block.n, out, out, size - 1, &produced));
      CHECK(!ls__lz4_block(in, block.n - 1, out, out, size, &produced) || produced != size);
      free(in);
      free(block.p);
      free(page);
      free(out);
    }
  }
}

/* The shortest things that the format allows or forbids. */
static void test_block_by_hand(void) {
  static const struct {
    uint8_t in[16];
    size_t n;
    int ok;
    const char *out;
  } cases[] = {
      {{0}, 0, 0, ""},                                       /* no token */
      {{0x00}, 1, 1, ""},                                    /* nothing */
      {{0x10, 'a'}, 2, 1, "a"},                              /* literals only */
      {{0x20, 'a'}, 2, 0, ""},                               /* literals are cut */
      {{0x10, 'a', 1}, 3, 0, ""},                            /* offset is cut */
      {{0x10, 'a', 1, 0}, 4, 0, ""},                         /* no last literals */
      {{0x10, 'a', 1, 0, 0x10, 'b'}, 6, 1, "aaaaab"},        /* a run */
      {{0x30, 'a', 'b', 'c', 3, 0, 0x00}, 7, 1, "abcabca"},  /* overlapping match */
      {{0x10, 'a', 0, 0, 0x00}, 5, 0, ""},                   /* offset 0 */
      {{0x10, 'a', 2, 0, 0x00}, 5, 0, ""},                   /* before the begin */
      {{0xF0}, 1, 0, ""},                                    /* length is cut */
      {{0x1F, 'a', 1, 0, 255, 255}, 6, 0, ""},               /* match length is cut */
      {{0x1F, 'a', 1, 0, 255, 255, 255, 0, 0x00}, 9, 0, ""}, /* too long for the buffer */
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    uint8_t *in = exact(cases[i].in, cases[i].n), *out = malloc(64);
    CHECK(out != NULL);
    size_t produced = 999;
    int ok = ls__lz4_block(in, cases[i].n, out, out, 64, &produced);
    if (ok != cases[i].ok)
      CHECK_FAIL_("case %zu: expected %d, found %d", i, cases[i].ok, ok);
    if (ok)
      CHECK_INT(strlen(cases[i].out), produced);
    if (ok)
      CHECK_MEM(cases[i].out, out, produced);
    free(in);
    free(out);
  }
}

static void test_frames(void) {
  static const size_t block_sizes[] = {65536, 4096, 777, 64};
  for (unsigned options = 0; options < 32; options++) {
    for (size_t b = 0; b < 4; b++) {
      for (uint32_t size = 512; size <= 65536; size *= 8) {
        uint8_t *page = malloc(size), *out = malloc(size);
        CHECK(page != NULL && out != NULL);
        model_page(page, size, options + 2, 7);
        bytes frame = {0};
        lz4_write_frame(&frame, page, size, options, block_sizes[b]);
        uint8_t *in = exact(frame.p, frame.n);
        const char *why = ls__lz4_frame(in, frame.n, out, size);
        if (why != NULL)
          CHECK_FAIL_("options %u, blocks of %zu, page %u: %s", options, block_sizes[b], size, why);
        CHECK_MEM(page, out, size);
        CHECK(ls__lz4_frame(in, frame.n, out, size / 2) != NULL);
        CHECK(ls__lz4_frame(in, frame.n - 1, out, size) != NULL);
        free(in);
        free(frame.p);
        free(page);
        free(out);
      }
    }
  }
}

static void test_frame_checksums(void) {
  uint8_t page[512], out[512];
  model_page(page, 512, 9, 1);
  bytes frame = {0};
  lz4_write_frame(&frame, page, 512, LZ4_SUM | LZ4_BLOCK_SUMS | LZ4_SIZE, 512);
  for (size_t at = 0; at < frame.n; at++) {
    for (int bit = 0; bit < 8; bit++) {
      frame.p[at] ^= (uint8_t)(1 << bit);
      if (ls__lz4_frame(frame.p, frame.n, out, 512) == NULL)
        CHECK_FAIL_("bit %d of byte %zu is not checked", bit, at);
      frame.p[at] ^= (uint8_t)(1 << bit);
    }
  }
  put_le(&frame, 0, 1);
  CHECK_STR("bytes follow the LZ4 frame", ls__lz4_frame(frame.p, frame.n, out, 512));
  free(frame.p);
}

/* Whatever comes in, nothing outside of the buffers is touched, and the result has the size that it claims. */
static void test_hostile(uint64_t seed) {
  printf("hostile LZ4: seed %" PRIu64 "\n", seed);
  for (int round = 0; round < 30000; round++) {
    uint32_t size = 512u << random_below(&seed, 4);
    uint8_t *page = malloc(size), *out = malloc(size);
    CHECK(page != NULL && out != NULL);
    bytes made = {0};
    model_page(page, size, (uint32_t)round + 2, 3);
    int framed = round % 2;
    if (framed)
      lz4_write_frame(&made, page, size, (unsigned)random_below(&seed, 4) & ~(unsigned)LZ4_SUM, 300);
    else
      lz4_write_block(&made, page, size, 0);
    if (round % 8 == 7)
      for (size_t i = 7; i < made.n; i++)
        made.p[i] = (uint8_t)next_random(&seed);
    for (uint64_t flips = 1 + random_below(&seed, 4); flips > 0; flips--)
      made.p[random_below(&seed, made.n)] = random_below(&seed, 3) == 0 ? 0xFF : (uint8_t)next_random(&seed);
    size_t n = random_below(&seed, 4) == 0 ? random_below(&seed, made.n + 1) : made.n, produced = 0;
    uint8_t *in = exact(made.p, n);
    if (framed)
      ls__lz4_frame(in, n, out, size);
    else if (ls__lz4_block(in, n, out, out, size, &produced))
      CHECK(produced <= size);
    free(in);
    free(made.p);
    free(page);
    free(out);
  }
}

int main(void) {
  stub_api_install();
  test_block_round_trip();
  test_block_by_hand();
  test_frames();
  test_frame_checksums();
  test_hostile(20261121);
  return 0;
}

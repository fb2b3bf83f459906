/*
** test_crc64.c - known answers (spec 1.5), and a bit-by-bit model.
*/
#include "check.h"
#include "crc64.h"
#include "stub_api.h"
#include "xxh32.h"

static uint64_t model(uint64_t crc, const uint8_t *p, size_t n) {
  crc = ~crc;
  for (size_t i = 0; i < n; i++) {
    crc ^= p[i];
    for (int bit = 0; bit < 8; bit++)
      crc = (crc & 1) ? crc >> 1 ^ UINT64_C(0xD800000000000000) : crc >> 1;
  }
  return ~crc;
}

static void test_known_answers(void) {
  CHECK_INT(UINT64_C(0), ls__crc64(0, "", 0));
  CHECK_INT(UINT64_C(0x3420000000000000), ls__crc64(0, "a", 1));
  CHECK_INT(UINT64_C(0xB90956C775A41001), ls__crc64(0, "123456789", 9));
  CHECK_INT(UINT64_C(0x6FFFFFFF90000000), ls__crc64(0, "\0\0\0\0", 4));
}

static void test_model(void) {
  uint64_t seed = 1;
  uint8_t buffer[700];
  for (int round = 0; round < 3000; round++) {
    size_t n = random_below(&seed, 600), at = random_below(&seed, 64),
           cut = n == 0 ? 0 : random_below(&seed, n);
    for (size_t i = 0; i < n; i++)
      buffer[at + i] = (uint8_t)next_random(&seed);
    uint64_t start = round % 2 ? next_random(&seed) : 0, expected = model(start, buffer + at, n);
    CHECK_INT(expected, ls__crc64(start, buffer + at, n));
    CHECK_INT(expected, ls__crc64(ls__crc64(start, buffer + at, cut), buffer + at + cut, n - cut));
  }
}

static void test_xxh32(void) {
  uint8_t text[] = "Nobody inspects the spammish repetition";
  CHECK_INT(0x02CC5D05u, ls__xxh32(text, 0));
  CHECK_INT(0x550D7456u, ls__xxh32((const uint8_t *)"a", 1));
  CHECK_INT(0x32D153FFu, ls__xxh32((const uint8_t *)"abc", 3));
  CHECK_INT(0xE2293B2Fu, ls__xxh32(text, sizeof(text) - 1));
}

int main(void) {
  stub_api_install();
  test_known_answers();
  test_model();
  test_xxh32();
  return 0;
}

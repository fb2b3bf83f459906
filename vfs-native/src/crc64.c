/*
** crc64.c - CRC-64/GO-ISO without tables.
**
** The register is reflected: bit 63 is the coefficient of x^0, so a multiplication by x is a shift to the right. The
** polynomial x^64 + x^4 + x^3 + x + 1 is so sparse that multiplying by a power of x needs a few shifts instead of a
** table, and squaring keeps it sparse:
**
**     x^64  = 1 + x + x^3 + x^4          (modulo the polynomial)
**     x^512 = 1 + x^8 + x^24 + x^32      (three squarings)
**
** A 64-bit word w of the message enters as crc' = (crc + w) * x^64. Eight words at a time are eight independent chains,
** each multiplied by x^512 for every further 64 bytes, which keeps the processor's execution units busy; the chains are
** joined at the end. This is faster than slicing-by-8 and leaves the L1 cache to the pages.
*/
#include "crc64.h"

#include "core.h"

#define CHAINS ((size_t)8)
#define STEP (8 * CHAINS) /* bytes for all chains */

/* high * x^64, for a polynomial whose degree is so low that nothing can leave the register. */
static inline uint64_t fold(uint64_t high) { return high ^ high >> 1 ^ high >> 3 ^ high >> 4; }

static inline uint64_t times_x64(uint64_t w) { return fold(w) ^ fold(w << 63 ^ w << 61 ^ w << 60); }

static inline uint64_t times_x512(uint64_t w) {
  return w ^ w >> 8 ^ w >> 24 ^ w >> 32 ^ fold(w << 56 ^ w << 40 ^ w << 32);
}

uint64_t ls__crc64(uint64_t crc, const void *bytes, size_t n) {
  const uint8_t *p = bytes;
  uint64_t c = ~crc;
  if (n >= STEP) {
    uint64_t chain[CHAINS];
    for (size_t i = 0; i < CHAINS; i++)
      chain[i] = ls__le64(p + 8 * i);
    chain[0] ^= c;
    p += STEP;
    n -= STEP;
    for (; n >= STEP; p += STEP, n -= STEP)
      for (size_t i = 0; i < CHAINS; i++)
        chain[i] = times_x512(chain[i]) ^ ls__le64(p + 8 * i);
    c = 0;
    for (size_t i = 0; i < CHAINS; i++)
      c = times_x64(c ^ chain[i]);
  }
  for (; n >= 8; p += 8, n -= 8)
    c = times_x64(c ^ ls__le64(p));
  for (; n > 0; p++, n--) {
    c ^= *p;
    c = c >> 8 ^ fold(c << 56);
  }
  return ~c;
}

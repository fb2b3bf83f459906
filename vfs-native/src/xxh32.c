/*
** xxh32.c - xxHash32 of one contiguous buffer: LZ4 frames here hold one page, so nothing needs to be streamed.
*/
#include "xxh32.h"

#include "core.h"

#define P1 0x9E3779B1u
#define P2 0x85EBCA77u
#define P3 0xC2B2AE3Du
#define P4 0x27D4EB2Fu
#define P5 0x165667B1u

static inline uint32_t rotl(uint32_t v, unsigned by) { return v << by | v >> (32 - by); }

static inline uint32_t mix(uint32_t lane, const uint8_t *p) { return rotl(lane + ls__le32(p) * P2, 13) * P1; }

uint32_t ls__xxh32(const uint8_t *p, size_t n) {
  const uint8_t *end = p + n;
  uint32_t h = P5;
  if (n >= 16) {
    uint32_t a = P1 + P2, b = P2, c = 0, d = 0u - P1;
    for (; end - p >= 16; p += 16) {
      a = mix(a, p);
      b = mix(b, p + 4);
      c = mix(c, p + 8);
      d = mix(d, p + 12);
    }
    h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
  }
  h += (uint32_t)n;
  for (; end - p >= 4; p += 4)
    h = rotl(h + ls__le32(p) * P3, 17) * P4;
  for (; p < end; p++)
    h = rotl(h + *p * P5, 11) * P1;
  h = (h ^ h >> 15) * P2;
  h = (h ^ h >> 13) * P3;
  return h ^ h >> 16;
}

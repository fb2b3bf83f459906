/*
** page1.c - see page1.h. Offsets are those of SQLite's file format, section 1.3.
*/
#include "page1.h"

static void put_be32(uint8_t *p, uint32_t value) {
  p[0] = (uint8_t)(value >> 24);
  p[1] = (uint8_t)(value >> 16);
  p[2] = (uint8_t)(value >> 8);
  p[3] = (uint8_t)value;
}

/* Puts `n` bytes that belong at `at` of the database over a buffer that begins at `offset`. */
static void overlay(uint8_t *buf, uint32_t len, uint64_t offset, uint32_t at, const uint8_t *bytes,
                    uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    if (at + i >= offset && at + i - offset < len)
      buf[at + i - offset] = bytes[i];
}

void ls__page1_rewrite(const ls_view_info *info, uint8_t *buf, uint32_t len, uint64_t offset) {
  static const uint8_t versions[2] = {1, 1};
  uint8_t state[4], size[4], cookie[4];
  put_be32(state, info->state);
  put_be32(size, info->commit);
  put_be32(cookie, info->cookie);
  overlay(buf, len, offset, 18, versions, 2);
  overlay(buf, len, offset, 24, state, 4);
  overlay(buf, len, offset, 28, size, 4);
  overlay(buf, len, offset, 40, cookie, 4);
  overlay(buf, len, offset, 92, state, 4);
}

/*
** lz4.c - the LZ4 block decoder.
**
** A block is a row of sequences; the last one ends after its literals:
**
**     token | more literal length* | literals | offset u16 | more match length*
**     token = literal length (0..15) << 4 | match length - 4 (0..15); 15 means that 255-terminated bytes follow
**
** Most sequences are short, so they are copied with one or two fixed-size moves that may write past their end, as long
** as that is still inside the buffer. Whatever comes too close to the end takes the exact path.
*/
#include "lz4.h"

#include <string.h>

#define WILD 16 /* bytes per move: one SSE2 or NEON register */
#define MIN_MATCH 4
#define LENGTH_MORE 15u

/* Adds the bytes that extend a length. 0 when the input ends, or when the length is past any use. */
static int extend(const uint8_t **ip, const uint8_t *end, size_t limit, size_t *length) {
  const uint8_t *p = *ip;
  uint8_t byte;
  do {
    if (p == end || *length > limit)
      return 0;
    byte = *p++;
    *length += byte;
  } while (byte == 255);
  *ip = p;
  return 1;
}

/* Copies a match that overlaps itself or lies at the end of the buffer: what is copied so far is the source of the
** next move, so the distance that can be moved at once doubles. */
static void copy_match_exactly(uint8_t *op, size_t offset, size_t length) {
  const uint8_t *match = op - offset;
  size_t distance = offset;
  while (length > 0) {
    size_t chunk = length < distance ? length : distance;
    memcpy(op, match, chunk);
    op += chunk;
    length -= chunk;
    distance += chunk;
  }
}

static inline void copy_match(uint8_t *op, size_t room, size_t offset, size_t length) {
  if (offset >= WILD && room - length >= WILD) {
    const uint8_t *match = op - offset;
    const uint8_t *stop = op + length;
    do {
      memcpy(op, match, WILD);
      op += WILD;
      match += WILD;
    } while (op < stop);
  } else if (offset == 1) {
    memset(op, op[-1], length);
  } else {
    copy_match_exactly(op, offset, length);
  }
}

int ls__lz4_block(const uint8_t *src, size_t n, const uint8_t *history, uint8_t *dst, size_t cap,
                  size_t *produced) {
  const uint8_t *ip = src, *iend = src + n;
  uint8_t *op = dst, *oend = dst + cap;
  for (;;) {
    if (ip == iend)
      return 0;
    unsigned token = *ip++;
    size_t length = token >> 4;
    if (length < LENGTH_MORE && iend - ip >= WILD && oend - op >= WILD) {
      memcpy(op, ip, WILD);
      op += length;
      ip += length; /* at least the two bytes of the offset are left */
    } else {
      if (length == LENGTH_MORE && !extend(&ip, iend, cap, &length))
        return 0;
      if (length > (size_t)(iend - ip) || length > (size_t)(oend - op))
        return 0;
      if (length > 0)
        memcpy(op, ip, length);
      op += length;
      ip += length;
      if (ip == iend)
        break;
      if (iend - ip < 2)
        return 0;
    }
    size_t offset = (size_t)ip[0] | (size_t)ip[1] << 8;
    ip += 2;
    if (offset == 0 || offset > (size_t)(op - history))
      return 0;
    length = token & LENGTH_MORE;
    if (length == LENGTH_MORE && !extend(&ip, iend, cap, &length))
      return 0;
    length += MIN_MATCH;
    if (length > (size_t)(oend - op))
      return 0;
    copy_match(op, (size_t)(oend - op), offset, length);
    op += length;
  }
  *produced = (size_t)(op - dst);
  return 1;
}

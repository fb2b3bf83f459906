/*
** lz4frame.c - the LZ4 frame decoder, for pages written by Litestream before 0.5.16 (spec 1.2).
**
**     04 22 4D 18 | FLG | BD | content size u64? | header checksum | block* | 00 00 00 00 | content checksum u32?
**     block = u32 length, high bit: stored | bytes | checksum u32?
**
** All numbers are little-endian. Litestream's own frames have one independent block and a content checksum; every other
** legal frame of one page is read too, except one that needs a dictionary.
*/
#include <string.h>

#include "core.h"
#include "lz4.h"
#include "xxh32.h"

#define MAGIC 0x184D2204u
#define FLG_VERSION_MASK 0xC0u
#define FLG_VERSION 0x40u
#define FLG_INDEPENDENT 0x20u
#define FLG_BLOCK_CHECKSUM 0x10u
#define FLG_CONTENT_SIZE 0x08u
#define FLG_CONTENT_CHECKSUM 0x04u
#define FLG_RESERVED 0x02u
#define FLG_DICTIONARY 0x01u
#define BD_RESERVED 0x8Fu
#define BLOCK_STORED 0x80000000u

typedef struct reader {
  const uint8_t *p, *end;
} reader;

static size_t left(const reader *in) { return (size_t)(in->end - in->p); }

static const char *read_header(reader *in, size_t size, unsigned *flags, size_t *block_max) {
  if (left(in) < 7)
    return "the LZ4 frame header is cut";
  if (ls__le32(in->p) != MAGIC)
    return "no LZ4 frame magic";
  const uint8_t *descriptor = in->p + 4;
  unsigned flg = descriptor[0], bd = descriptor[1];
  if ((flg & FLG_VERSION_MASK) != FLG_VERSION || (flg & FLG_RESERVED) != 0 || (bd & BD_RESERVED) != 0)
    return "unknown LZ4 frame version or flags";
  if ((flg & FLG_DICTIONARY) != 0)
    return "the LZ4 frame needs a dictionary";
  if (bd >> 4 < 4)
    return "unknown LZ4 block size";
  size_t n = 2;
  if ((flg & FLG_CONTENT_SIZE) != 0) {
    n += 8;
    if (left(in) < 4 + n + 1)
      return "the LZ4 frame header is cut";
    if (ls__le64(descriptor + 2) != size)
      return "the LZ4 content size is not the page size";
  }
  if (descriptor[n] != (ls__xxh32(descriptor, n) >> 8 & 0xFF))
    return "LZ4 header checksum mismatch";
  in->p = descriptor + n + 1;
  *flags = flg;
  *block_max = (size_t)1 << (8 + 2 * (bd >> 4));
  return NULL;
}

/* One block: its bytes, without its length and checksum. */
static const char *read_block(reader *in, unsigned flags, size_t block_max, const uint8_t **block,
                              size_t *n) {
  size_t checksum = (flags & FLG_BLOCK_CHECKSUM) != 0 ? 4 : 0;
  if (*n > block_max)
    return "an LZ4 block exceeds the frame's block size";
  if (left(in) < checksum || *n > left(in) - checksum)
    return "an LZ4 block is cut";
  if (checksum != 0 && ls__le32(in->p + *n) != ls__xxh32(in->p, *n))
    return "LZ4 block checksum mismatch";
  *block = in->p;
  in->p += *n + checksum;
  return NULL;
}

const char *ls__lz4_frame(const uint8_t *src, size_t n, uint8_t *dst, size_t size) {
  reader in = {src, src + n};
  unsigned flags = 0;
  size_t block_max = 0, at = 0;
  const char *why = read_header(&in, size, &flags, &block_max);
  if (why != NULL)
    return why;
  for (;;) {
    if (left(&in) < 4)
      return "the LZ4 frame has no end mark";
    uint32_t length = ls__le32(in.p);
    in.p += 4;
    if (length == 0)
      break;
    const uint8_t *block = NULL;
    size_t stored = length & ~BLOCK_STORED;
    why = read_block(&in, flags, block_max, &block, &stored);
    if (why != NULL)
      return why;
    size_t room = size - at < block_max ? size - at : block_max, produced = 0;
    if ((length & BLOCK_STORED) != 0) {
      if (stored > room)
        return "the LZ4 content is longer than a page";
      memcpy(dst + at, block, stored);
      produced = stored;
    } else {
      const uint8_t *history = (flags & FLG_INDEPENDENT) != 0 ? dst + at : dst;
      if (!ls__lz4_block(block, stored, history, dst + at, room, &produced))
        return "an LZ4 block is damaged or longer than a page";
    }
    at += produced;
  }
  if (at != size)
    return "the LZ4 content is shorter than a page";
  if ((flags & FLG_CONTENT_CHECKSUM) != 0) {
    if (left(&in) < 4)
      return "the LZ4 content checksum is cut";
    if (ls__le32(in.p) != ls__xxh32(dst, size))
      return "LZ4 content checksum mismatch";
    in.p += 4;
  }
  return in.p == in.end ? NULL : "bytes follow the LZ4 frame";
}

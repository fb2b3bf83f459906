/*
** lz4.h - decoders of the LZ4 block and the LZ4 frame format, for pages.
**
** Input is hostile: neither decoder reads or writes a byte outside the buffers that it is given, whatever they hold.
** On failure the output buffer holds garbage. Nothing is allocated.
*/
#ifndef LS_LZ4_H
#define LS_LZ4_H

#include <stddef.h>
#include <stdint.h>

/* Decodes one block of exactly n bytes into at most cap bytes at dst. Matches may reach back to `history` <= dst, which
** is dst itself for an independent block. Returns 1 and *produced, or 0 when the block is damaged or does not fit. */
int ls__lz4_block(const uint8_t *src, size_t n, const uint8_t *history, uint8_t *dst, size_t cap,
                  size_t *produced);

/* Decodes one frame of exactly n bytes whose content is exactly `size` bytes: linked or independent blocks, stored
** blocks, all checksums. NULL on success, else what is wrong with it. */
const char *ls__lz4_frame(const uint8_t *src, size_t n, uint8_t *dst, size_t size);

#endif

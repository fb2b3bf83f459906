/*
** xxh32.h - xxHash32 with seed 0, the checksum of LZ4 frames.
*/
#ifndef LS_XXH32_H
#define LS_XXH32_H

#include <stddef.h>
#include <stdint.h>

uint32_t ls__xxh32(const uint8_t *bytes, size_t n);

#endif

/*
** crc64.h - CRC-64/GO-ISO, the checksum of LTX files (spec 1.5).
**
** The value of the empty string is 0, and values chain: ls__crc64(ls__crc64(0, a), b) is the value of a followed by b.
*/
#ifndef LS_CRC64_H
#define LS_CRC64_H

#include <stddef.h>
#include <stdint.h>

uint64_t ls__crc64(uint64_t crc, const void *bytes, size_t n);

#endif

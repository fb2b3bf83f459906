/*
** core.h - what every file of the core shares: SQLite's API table, error texts, byte order.
**
** All memory, mutexes and text formatting come from SQLite through the extension API, so that the core has SQLite's
** out-of-memory behaviour and no other dependency than libc.
**
** SQLite's static mutexes are shared by the whole process and do not nest. The core uses SQLITE_MUTEX_STATIC_VFS3 in
** ls__cache_init only.
*/
#ifndef LS_CORE_H
#define LS_CORE_H

#include <stddef.h>
#include <stdint.h>

#include "litestream.h"
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

/* SQLite's formats are printf's here: only %d %u %x %s %lld %llu %llx are used. Windows compilers check another
** dialect, without %llu. */
#if defined(__GNUC__) && !defined(_WIN32)
#define LS_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define LS_PRINTF(text, first)
#endif

/* Writes a text, cut at a character to cap bytes with its NUL. err may be NULL when cap is 0. */
void ls__err_set(char *err, uint32_t cap, const char *fmt, ...) LS_PRINTF(3, 4);

/* Where the text of an error goes, and the object that it is about. */
typedef struct ls_report {
  const char *object; /* begins the text */
  char *err;
  uint32_t cap;
} ls_report;

/* Writes "object: text" and returns rc, so that a check can fail in one line. `to` may be NULL: no text is wanted. */
int ls__report(const ls_report *to, int rc, const char *fmt, ...) LS_PRINTF(3, 4);

/* What %llu and %llx take. */
static inline unsigned long long ls__llu(uint64_t value) { return value; }

/* Byte order. LTX is big-endian, LZ4 and the CRC registers are little-endian. Compilers make one load of each. */
static inline uint32_t ls__be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static inline uint32_t ls__be32(const uint8_t *p) { return ls__be16(p) << 16 | ls__be16(p + 2); }
static inline uint64_t ls__be64(const uint8_t *p) { return (uint64_t)ls__be32(p) << 32 | ls__be32(p + 4); }
static inline uint32_t ls__le32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t ls__le64(const uint8_t *p) { return ls__le32(p) | (uint64_t)ls__le32(p + 4) << 32; }

#endif

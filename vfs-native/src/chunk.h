/*
** chunk.h - the entries of 256 page numbers of a page map, packed.
**
** A chunk says, for each of its page numbers that has an entry, which frame of which file holds the page:
**
**     present   a bit per page number
**     file      the files that occur in it
**     ordinal   u32 per entry, in page order
**     which     u8 per entry: its file
**
** An entry is found by counting the bits below it, and costs 5 bytes. A chunk never changes; work on one happens in
** slots, one per page number, which are packed anew. Chunks are counted, and shared by page maps. They hold no reference
** to their files: the maps do (pagemap.h).
**
** Threading: counts are atomic, the rest is constant.
*/
#ifndef LS_CHUNK_H
#define LS_CHUNK_H

#include <stdatomic.h>

#include "core.h"

/* So that one byte picks an entry's file, and a map's directory costs 8 bytes per 256 pages. */
#define LS_CHUNK_PAGES 256u
#define LS_CHUNK_WORDS (LS_CHUNK_PAGES / 64)

typedef struct ls_chunk {
  atomic_uint refs;
  uint16_t entries, files;
  uint64_t present[LS_CHUNK_WORDS];
  ls_file *file[]; /* borrowed; after them u32 ordinal[entries], u8 which[entries] */
} ls_chunk;

/* The place of one page number; file NULL: no entry. */
typedef struct ls_slot {
  ls_file *file;
  uint32_t ordinal;
} ls_slot;

/* Fills LS_CHUNK_PAGES slots; chunk may be NULL. */
void ls__chunk_unpack(const ls_chunk *chunk, ls_slot *slots);
/* *out is NULL when no slot has an entry, else it has one reference. SQLITE_OK or SQLITE_NOMEM. */
int ls__chunk_pack(const ls_slot *slots, ls_chunk **out);
/* Both accept NULL. */
void ls__chunk_ref(ls_chunk *chunk);
void ls__chunk_unref(ls_chunk *chunk);

static inline int ls__chunk_has(const ls_chunk *chunk, uint32_t i) {
  return (int)(chunk->present[i / 64] >> (i % 64) & 1);
}
/* How many entries lie below slot i, which may be LS_CHUNK_PAGES. */
uint32_t ls__chunk_rank(const ls_chunk *chunk, uint32_t i);

static inline const uint32_t *ls__chunk_ordinals(const ls_chunk *chunk) {
  return (const uint32_t *)(const void *)(chunk->file + chunk->files);
}
static inline const uint8_t *ls__chunk_which(const ls_chunk *chunk) {
  return (const uint8_t *)(ls__chunk_ordinals(chunk) + chunk->entries);
}

#endif

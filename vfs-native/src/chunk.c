/*
** chunk.c - see chunk.h.
*/
#include "chunk.h"

#include <string.h>

#include "stats.h"

static uint64_t bytes_of(uint32_t entries, uint32_t files) {
  return sizeof(ls_chunk) + files * sizeof(ls_file *) + entries * (sizeof(uint32_t) + 1u);
}

static uint32_t bits(uint64_t word) { return (uint32_t)__builtin_popcountll(word); }

uint32_t ls__chunk_rank(const ls_chunk *chunk, uint32_t i) {
  uint32_t n = 0;
  for (uint32_t word = 0; word < i / 64; word++)
    n += bits(chunk->present[word]);
  return i % 64 ? n + bits(chunk->present[i / 64] & ((UINT64_C(1) << (i % 64)) - 1)) : n;
}

void ls__chunk_ref(ls_chunk *chunk) {
  if (chunk)
    atomic_fetch_add_explicit(&chunk->refs, 1, memory_order_relaxed);
}

void ls__chunk_unref(ls_chunk *chunk) {
  if (chunk && atomic_fetch_sub_explicit(&chunk->refs, 1, memory_order_acq_rel) == 1) {
    ls__stat_add(LS_STAT_INDEX_BYTES, -(int64_t)bytes_of(chunk->entries, chunk->files));
    sqlite3_free(chunk);
  }
}

void ls__chunk_unpack(const ls_chunk *chunk, ls_slot *slots) {
  memset(slots, 0, LS_CHUNK_PAGES * sizeof *slots);
  if (!chunk)
    return;
  const uint32_t *ordinal = ls__chunk_ordinals(chunk);
  const uint8_t *which = ls__chunk_which(chunk);
  uint32_t entry = 0;
  for (uint32_t i = 0; i < LS_CHUNK_PAGES; i++)
    if (ls__chunk_has(chunk, i)) {
      slots[i] = (ls_slot){chunk->file[which[entry]], ordinal[entry]};
      entry++;
    }
}

int ls__chunk_pack(const ls_slot *slots, ls_chunk **out) {
  ls_file *file[LS_CHUNK_PAGES] = {NULL};
  uint8_t which[LS_CHUNK_PAGES];
  uint32_t ordinal[LS_CHUNK_PAGES];
  uint64_t present[LS_CHUNK_WORDS] = {0};
  uint32_t entries = 0, files = 0, f = 0;
  for (uint32_t i = 0; i < LS_CHUNK_PAGES; i++) {
    if (!slots[i].file)
      continue;
    /* Neighbours mostly come from one file, so begin where the last entry was found. */
    if (file[f] != slots[i].file) {
      for (f = 0; f < files && file[f] != slots[i].file;)
        f++;
      if (f == files)
        file[files++] = slots[i].file;
    }
    which[entries] = (uint8_t)f;
    ordinal[entries++] = slots[i].ordinal;
    present[i / 64] |= UINT64_C(1) << (i % 64);
  }
  if (entries == 0) {
    *out = NULL;
    return SQLITE_OK;
  }
  ls_chunk *chunk = sqlite3_malloc64(bytes_of(entries, files));
  if (!chunk)
    return SQLITE_NOMEM;
  atomic_init(&chunk->refs, 1);
  chunk->entries = (uint16_t)entries;
  chunk->files = (uint16_t)files;
  memcpy(chunk->present, present, sizeof present);
  memcpy(chunk->file, file, files * sizeof *file);
  uint8_t *tail = (uint8_t *)(chunk->file + files);
  memcpy(tail, ordinal, entries * sizeof *ordinal);
  memcpy(tail + entries * sizeof *ordinal, which, entries);
  ls__stat_add(LS_STAT_INDEX_BYTES, (int64_t)bytes_of(entries, files));
  *out = chunk;
  return SQLITE_OK;
}

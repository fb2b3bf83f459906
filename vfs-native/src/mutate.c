/*
** mutate.c - see mutate.h.
*/
#include "mutate.h"

#include <stdatomic.h>

#include "litestream.h"

#ifdef LS_MUTANTS

static atomic_int planted;
static _Atomic uint64_t whole_max = UINT64_C(256) << 10;
static _Atomic uint32_t window = 128u << 10;
static atomic_uint index_piece;

void ls_mutate_sizes(uint32_t file, uint32_t range) {
  atomic_store(&whole_max, file);
  atomic_store(&window, range);
}

uint64_t ls__whole_max(void) { return atomic_load(&whole_max); }

uint32_t ls__window(void) { return atomic_load(&window); }

void ls_mutate_index(uint32_t piece) { atomic_store(&index_piece, piece); }

uint32_t ls__index_piece(void) {
  uint32_t piece = atomic_load(&index_piece);
  return piece > 0 ? piece : 64u << 10;
}

int ls__index_forgotten(void) { return atomic_load(&index_piece) > 0; }

void ls_mutate(int defect) { atomic_store(&planted, defect); }

int ls__mutated(int defect) { return atomic_load(&planted) == defect; }

#endif

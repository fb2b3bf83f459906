/*
** fuzz_parts.c - any bytes as a piece of a page index: what is learnt must be consistent, and guesses within bounds.
*/
#include <stdlib.h>
#include <string.h>

#include "ltx.h"
#include "parts.h"
#include "stub_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const ls_parts *parts) {
  ls_place guess;
  for (uint32_t i = 0; i < parts->count; i += LS_PART / 2) {
    if (ls__parts_known(parts, i)) {
      if (ls__parts_length(parts, i) == 0 || ls__parts_offset(parts, i) > parts->begin)
        abort();
    } else {
      ls__parts_guess(parts, i, &guess);
      if (guess.ordinal != i || guess.position < parts->begin || guess.position > parts->end)
        abort();
    }
  }
}

/* Two pieces, the second one into what the first one has left. The first bytes say how large the database is, and where the
** pieces lie. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  if (n < 12)
    return 0;
  stub_api_install();
  ls_pgno commit = 1 + ls__be16(data) * 8u;
  uint64_t begin = 1000 + ls__be32(data + 2), size = n - 12, half = size / 2;
  uint64_t places[2] = {ls__be16(data + 6), ls__be16(data + 8)};
  ls_parts *parts = ls__parts_new(commit, 4096, begin, begin + (1u << 17));
  if (parts == NULL)
    abort();
  for (int i = 0; i < 2; i++) {
    ls_place first;
    uint64_t added, length = i ? size - half : half, offset = begin + places[i];
    uint8_t *piece = malloc(length + 1);
    if (piece == NULL)
      abort();
    memcpy(piece, data + 12 + (i ? half : 0), length);
    if (ls__parts_sync(parts, offset, piece, length, &first)) {
      uint64_t skip = first.position - offset;
      ls__parts_learn(parts, &first, piece + skip, length - skip, &added, NULL);
    }
    free(piece);
    check(parts);
  }
  ls__parts_free(parts);
  return 0;
}

/*
** fuzz_lz4.c - any bytes as an LZ4 block and as an LZ4 frame. The first byte chooses which, and the page size.
*/
#include <stdlib.h>
#include <string.h>

#include "lz4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  if (n == 0)
    return 0;
  size_t size = (size_t)512 << (data[0] & 7), produced = 0;
  int framed = (data[0] & 8) != 0;
  /* Exact copies, so that the sanitizer sees every byte outside of them. */
  uint8_t *in = malloc(n), *page = malloc(size);
  if (in == NULL || page == NULL)
    abort();
  memcpy(in, data + 1, n - 1);
  if (framed)
    ls__lz4_frame(in, n - 1, page, size);
  else if (ls__lz4_block(in, n - 1, page, page, size, &produced) && produced > size)
    abort();
  free(in);
  free(page);
  return 0;
}

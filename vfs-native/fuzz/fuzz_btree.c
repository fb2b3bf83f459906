/*
** fuzz_btree.c - any bytes as a page of a b-tree: what is found must be within the bounds that it is used with.
*/
#include <stdlib.h>
#include <string.h>

#include "btree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_children(const uint8_t *page, uint32_t size, ls_pgno commit) {
  ls_pgno *children = malloc(LS_ENTRIES_MAX(size) * sizeof *children);
  if (children == NULL)
    abort();
  uint32_t count = ls__btree_children(page, size, commit, children);
  for (uint32_t i = 0; i < count; i++) {
    int64_t above, upto;
    if (children[i] == 0 || children[i] > commit)
      abort();
    ls__btree_range(page, size, i, &above, &upto);
    ls__btree_divider(page, size, i, &above);
    if (ls__btree_seek(page, size, commit, upto) > commit)
      abort();
  }
  free(children);
}

/* The first bytes choose the page's size and the database's; the page is exactly as long as it says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  if (n < 2)
    return 0;
  uint32_t size = 512u << data[0] % 8;
  ls_pgno commit = 1u << data[1] % 32;
  uint8_t *page = calloc(1, size);
  int64_t *rowids = malloc(LS_ENTRIES_MAX(size) * sizeof *rowids);
  if (page == NULL || rowids == NULL)
    abort();
  memcpy(page, data + 2, n - 2 < size ? n - 2 : size);
  check_children(page, size, commit);
  if (ls__btree_rowids(page, size, rowids) >= LS_ENTRIES_MAX(size))
    abort();
  free(rowids);
  free(page);
  return 0;
}

/*
** index.c - parsing and looking up page indexes.
**
** Parsing goes over the bytes twice: once to check everything and count, once to fill the arrays, which have the right
** size by then. An index comes from the network, so nothing is allocated by a number that it merely claims.
*/
#include "index.h"

#include <string.h>

#include "entries.h"
#include "ltx.h"

#define GROUP 64u /* frames per anchor: a look-up adds at most 63 lengths, one or two cache lines */
#define LONG 0u   /* no frame has length 0 */

static int survey(ls_entries c, uint32_t *count, uint32_t *longs) {
  ls_entry e = {0};
  int rc;
  while ((rc = ls__entries_next(&c, &e)) == SQLITE_ROW) {
    *count += 1;
    if (e.length > UINT16_MAX)
      *longs += 1;
  }
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Only for bytes that survey() has accepted. */
static void fill(ls_entries c, uint64_t *anchors, ls_long_frame *longs, ls_pgno *pgnos, uint16_t *lengths) {
  ls_entry e = {0};
  uint64_t offset = c.offset;
  for (uint32_t i = 0; ls__entries_next(&c, &e) == SQLITE_ROW; i++) {
    if (i % GROUP == 0)
      anchors[i / GROUP] = offset;
    if (pgnos != NULL)
      pgnos[i] = e.pgno;
    lengths[i] = e.length > UINT16_MAX ? (uint16_t)LONG : (uint16_t)e.length;
    if (e.length > UINT16_MAX)
      *longs++ = (ls_long_frame){i, e.length};
    offset += e.length;
  }
}

int ls__index_parse(ls_index *out, const uint8_t *bytes, uint64_t n, uint64_t start, ls_pgno commit,
                    uint32_t page_size, const ls_report *to) {
  ls_entries c = {.begin = bytes,
                  .p = bytes,
                  .end = bytes + n,
                  .start = start,
                  .index = start,
                  .commit = commit,
                  .lock = ls__lock_page(page_size),
                  .length_max = ls__frame_max(page_size),
                  .offset = LS_HEADER_SIZE,
                  .to = to};
  ls_index index = {.lock = c.lock};
  int rc = survey(c, &index.count, &index.long_count);
  if (rc != SQLITE_OK)
    return rc;

  /* Page numbers ascend, so a file with that many pages has all of them. */
  int dense = index.count == ls__full_count(commit, page_size);
  uint64_t groups = ((uint64_t)index.count + GROUP - 1) / GROUP;
  uint64_t longs_at = groups * sizeof(uint64_t);
  uint64_t pgnos_at = longs_at + (uint64_t)index.long_count * sizeof(ls_long_frame);
  uint64_t lengths_at = pgnos_at + (dense ? 0 : (uint64_t)index.count * sizeof(ls_pgno));
  index.bytes = lengths_at + (uint64_t)index.count * sizeof(uint16_t);
  if (index.count > 0) {
    char *memory = sqlite3_malloc64(index.bytes);
    if (memory == NULL)
      return ls__report(to, SQLITE_NOMEM, "no memory for a page index of %llu bytes", ls__llu(index.bytes));
    uint64_t *anchors = (void *)memory;
    ls_long_frame *longs = (void *)(memory + longs_at);
    ls_pgno *pgnos = dense ? NULL : (void *)(memory + pgnos_at);
    uint16_t *lengths = (void *)(memory + lengths_at);
    c.to = NULL;
    fill(c, anchors, longs, pgnos, lengths);
    index.anchors = anchors;
    index.longs = longs;
    index.pgnos = pgnos;
    index.lengths = lengths;
  }
  *out = index;
  return SQLITE_OK;
}

int ls__index_in_parts(ls_index *out, uint64_t begin, uint64_t end, ls_pgno commit, uint32_t page_size) {
  ls_parts *parts = ls__parts_new(commit, page_size, begin, end);
  if (parts == NULL)
    return SQLITE_NOMEM;
  *out = (ls_index){.count = parts->count, .lock = parts->lock, .parts = parts};
  return SQLITE_OK;
}

uint64_t ls__index_bytes(const ls_index *index) {
  return index->parts != NULL ? ls__parts_bytes(index->parts) : index->bytes;
}

void ls__index_free(ls_index *index) {
  if (index->parts != NULL)
    ls__parts_free(index->parts);
  /* The arrays are const for everybody else. */
  union {
    const void *shared;
    void *mine;
  } memory = {index->anchors};
  sqlite3_free(memory.mine);
  *index = (ls_index){0};
}

static int find_sparse(const ls_index *index, ls_pgno pgno, uint32_t *ordinal) {
  uint32_t low = 0, high = index->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (index->pgnos[middle] < pgno)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == index->count || index->pgnos[low] != pgno)
    return SQLITE_NOTFOUND;
  *ordinal = low;
  return SQLITE_OK;
}

int ls__index_find(const ls_index *index, ls_pgno pgno, uint32_t *ordinal) {
  if (index->pgnos != NULL)
    return find_sparse(index, pgno, ordinal);
  if (pgno == 0 || pgno == index->lock)
    return SQLITE_NOTFOUND;
  uint32_t at = ls__full_ordinal(index->lock, pgno);
  if (at >= index->count)
    return SQLITE_NOTFOUND;
  *ordinal = at;
  return SQLITE_OK;
}

ls_pgno ls__index_pgno(const ls_index *index, uint32_t ordinal) {
  if (index->pgnos != NULL)
    return index->pgnos[ordinal];
  return ls__full_pgno(index->lock, ordinal);
}

static uint32_t long_length(const ls_index *index, uint32_t ordinal) {
  uint32_t low = 0, high = index->long_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (index->longs[middle].ordinal < ordinal)
      low = middle + 1;
    else
      high = middle;
  }
  return index->longs[low].length;
}

uint32_t ls__index_length(const ls_index *index, uint32_t ordinal) {
  if (index->parts != NULL)
    return ls__parts_length(index->parts, ordinal);
  uint32_t length = index->lengths[ordinal];
  return length == LONG ? long_length(index, ordinal) : length;
}

uint64_t ls__index_offset(const ls_index *index, uint32_t ordinal) {
  if (index->parts != NULL)
    return ls__parts_offset(index->parts, ordinal);
  uint32_t first = ordinal - ordinal % GROUP;
  uint64_t offset = index->anchors[ordinal / GROUP];
  if (index->long_count == 0) {
    for (uint32_t i = first; i < ordinal; i++)
      offset += index->lengths[i];
    return offset;
  }
  for (uint32_t i = first; i < ordinal; i++)
    offset += ls__index_length(index, i);
  return offset;
}

uint64_t ls__index_begin(const ls_index *index, uint32_t ordinal) {
  ls_place guess;
  if (ordinal < index->count && ls__index_known(index, ordinal))
    return ls__index_offset(index, ordinal);
  if (ordinal > 0 && ls__index_known(index, ordinal - 1))
    return ls__index_offset(index, ordinal - 1) + ls__index_length(index, ordinal - 1);
  ls__parts_guess(index->parts, ordinal, &guess);
  return guess.offset;
}

/*
** index.c - parsing and looking up page indexes.
**
** Parsing goes over the bytes twice: once to check everything and count, once to fill the arrays, which have the right
** size by then. An index comes from the network, so nothing is allocated by a number that it merely claims.
*/
#include "index.h"

#include <string.h>

#include "ltx.h"

#define GROUP 64u /* frames per anchor: a look-up adds at most 63 lengths, one or two cache lines */
#define LONG 0u   /* no frame has length 0 */

typedef struct entry {
  ls_pgno pgno;
  uint32_t length;
} entry;

/* Walks over the entries and checks each against its predecessor. */
typedef struct cursor {
  const uint8_t *begin, *p, *end;
  uint64_t start; /* offset of begin in the file */
  ls_pgno commit, lock, last;
  uint32_t length_max;
  uint64_t offset; /* where the next frame must begin */
  const ls_report *to;
} cursor;

static unsigned long long position(const cursor *c) {
  return ls__llu(c->start + (uint64_t)(c->p - c->begin));
}

static int check_entry(const cursor *c, uint64_t pgno, uint64_t offset, uint64_t length) {
  if (pgno <= c->last || pgno > c->commit || pgno == c->lock)
    return ls__report(
        c->to, SQLITE_CORRUPT,
        "page index before offset %llu: page %llu after page %u (expected ascending, at most %u, not the "
        "lock page %u)",
        position(c), ls__llu(pgno), c->last, c->commit, c->lock);
  if (offset != c->offset)
    return ls__report(c->to, SQLITE_CORRUPT,
                      "page index before offset %llu: frame of page %llu expected at %llu, found %llu",
                      position(c), ls__llu(pgno), ls__llu(c->offset), ls__llu(offset));
  if (length == 0 || length > c->length_max || length > c->start - LS_ZERO_SIZE - offset)
    return ls__report(c->to, SQLITE_CORRUPT,
                      "page index before offset %llu: frame of page %llu cannot have %llu bytes", position(c),
                      ls__llu(pgno), ls__llu(length));
  return SQLITE_OK;
}

/* SQLITE_ROW with an entry, SQLITE_DONE at the terminator. */
static int next(cursor *c, entry *out) {
  uint64_t pgno = 0, offset = 0, length = 0;
  if (!ls__varint(&c->p, c->end, &pgno))
    return ls__report(c->to, SQLITE_CORRUPT, "page index at offset %llu: no number, or no end of the index",
                      position(c));
  if (pgno == 0) {
    if (c->p != c->end)
      return ls__report(c->to, SQLITE_CORRUPT,
                        "page index ends %llu bytes before its length says, at offset %llu",
                        ls__llu((uint64_t)(c->end - c->p)), position(c));
    if (c->offset != c->start - LS_ZERO_SIZE)
      return ls__report(c->to, SQLITE_CORRUPT, "the last frame ends at offset %llu, expected %llu",
                        ls__llu(c->offset), ls__llu(c->start - LS_ZERO_SIZE));
    return SQLITE_DONE;
  }
  if (!ls__varint(&c->p, c->end, &offset) || !ls__varint(&c->p, c->end, &length))
    return ls__report(c->to, SQLITE_CORRUPT, "page index at offset %llu: no number, or no end of the index",
                      position(c));
  int rc = check_entry(c, pgno, offset, length);
  if (rc != SQLITE_OK)
    return rc;
  c->offset += length;
  c->last = (ls_pgno)pgno;
  *out = (entry){(ls_pgno)pgno, (uint32_t)length};
  return SQLITE_ROW;
}

static int survey(cursor c, uint32_t *count, uint32_t *longs) {
  entry e = {0};
  int rc;
  while ((rc = next(&c, &e)) == SQLITE_ROW) {
    *count += 1;
    if (e.length > UINT16_MAX)
      *longs += 1;
  }
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Only for bytes that survey() has accepted. */
static void fill(cursor c, uint64_t *anchors, ls_long_frame *longs, ls_pgno *pgnos, uint16_t *lengths) {
  entry e = {0};
  uint64_t offset = c.offset;
  for (uint32_t i = 0; next(&c, &e) == SQLITE_ROW; i++) {
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
  cursor c = {
      bytes,          bytes, bytes + n, start, commit, ls__lock_page(page_size), 0, ls__frame_max(page_size),
      LS_HEADER_SIZE, to};
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

void ls__index_free(ls_index *index) {
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
  uint32_t at = pgno > index->lock ? pgno - 2 : pgno - 1;
  if (at >= index->count)
    return SQLITE_NOTFOUND;
  *ordinal = at;
  return SQLITE_OK;
}

ls_pgno ls__index_pgno(const ls_index *index, uint32_t ordinal) {
  if (index->pgnos != NULL)
    return index->pgnos[ordinal];
  return ordinal + 1 < index->lock ? ordinal + 1 : ordinal + 2;
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
  uint32_t length = index->lengths[ordinal];
  return length == LONG ? long_length(index, ordinal) : length;
}

uint64_t ls__index_offset(const ls_index *index, uint32_t ordinal) {
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

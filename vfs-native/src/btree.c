/*
** btree.c - see btree.h. Offsets are those of SQLite's file format, section 1.6.
*/
#include "btree.h"

#define INNER_HEADER 12u
#define LEAF_HEADER 8u

static uint32_t be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static uint32_t be32(const uint8_t *p) { return be16(p) << 16 | be16(p + 2); }

/* The number of cells, if their pointers are on the page. */
static uint32_t cells(const uint8_t *page, uint32_t size, uint32_t header) {
  uint32_t n = be16(page + 3);
  return n <= (size - header) / 2 ? n : 0;
}

/* Where a cell begins, with at least `least` bytes on the page; 0: nowhere. */
static uint32_t cell(const uint8_t *page, uint32_t size, uint32_t header, uint32_t i, uint32_t least) {
  uint32_t at = be16(page + header + 2 * i);
  return at >= header && at <= size - least ? at : 0;
}

/* A varint between two places. Returns where it ends; 0: it does not end there. */
static uint32_t varint(const uint8_t *page, uint32_t at, uint32_t end, uint64_t *out) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < 8; i++, at++) {
    if (at >= end)
      return 0;
    value = value << 7 | (page[at] & 0x7f);
    if (!(page[at] & 0x80)) {
      *out = value;
      return at + 1;
    }
  }
  if (at >= end)
    return 0;
  *out = value << 8 | page[at];
  return at + 1;
}

/* Two's complement, without what C leaves to the compiler. */
static int64_t as_signed(uint64_t value) {
  return value <= INT64_MAX ? (int64_t)value : -(int64_t)(UINT64_MAX - value) - 1;
}

static int is_inner(const uint8_t *page) { return page[0] == LS_TABLE_INNER || page[0] == LS_INDEX_INNER; }

/* Child `i` of an inner page with n cells, the last of which stands in the header. 0: none. */
static ls_pgno child(const uint8_t *page, uint32_t size, ls_pgno commit, uint32_t n, uint32_t i) {
  uint32_t at = i == n ? 8 : cell(page, size, INNER_HEADER, i, 4);
  ls_pgno pgno = at ? be32(page + at) : 0;
  return pgno <= commit ? pgno : 0;
}

uint32_t ls__btree_children(const uint8_t *page, uint32_t size, ls_pgno commit, ls_pgno *out) {
  uint32_t n = is_inner(page) ? cells(page, size, INNER_HEADER) : 0;
  if (n == 0 || n >= LS_ENTRIES_MAX(size))
    return 0;
  for (uint32_t i = 0; i <= n; i++) {
    out[i] = child(page, size, commit, n, i);
    if (out[i] == 0)
      return 0;
  }
  return n + 1;
}

/* The greatest rowid of child `i`, which is not the last one. */
static int key(const uint8_t *page, uint32_t size, uint32_t i, int64_t *out) {
  uint64_t value;
  uint32_t at = cell(page, size, INNER_HEADER, i, 5);
  if (!at || !varint(page, at + 4, size, &value))
    return 0;
  *out = as_signed(value);
  return 1;
}

int ls__btree_range(const uint8_t *page, uint32_t size, uint32_t index, int64_t *above, int64_t *upto) {
  uint32_t n = page[0] == LS_TABLE_INNER ? cells(page, size, INNER_HEADER) : 0;
  *above = INT64_MIN;
  *upto = INT64_MAX;
  return n > 0 && index <= n && (index == 0 || key(page, size, index - 1, above)) &&
         (index == n || key(page, size, index, upto));
}

ls_pgno ls__btree_seek(const uint8_t *page, uint32_t size, ls_pgno commit, int64_t rowid) {
  uint32_t n = page[0] == LS_TABLE_INNER ? cells(page, size, INNER_HEADER) : 0, low = 0, high = n;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int64_t most;
    if (!key(page, size, middle, &most))
      return 0;
    if (rowid <= most)
      high = middle;
    else
      low = middle + 1;
  }
  return n > 0 ? child(page, size, commit, n, low) : 0;
}

/* The length of an integer by its serial type, -1 for what is none. */
static int integer_length(uint64_t type) {
  static const int8_t lengths[] = {-1, 1, 2, 3, 4, 6, 8, -1, 0, 0};
  return type < sizeof lengths ? lengths[type] : -1;
}

/* The last column of the record in [at, end). */
static int last_integer(const uint8_t *page, uint32_t at, uint32_t end, int64_t *out) {
  uint64_t header, type = 0;
  uint32_t next = varint(page, at, end, &header);
  if (!next || header > end - at || at + (uint32_t)header < next)
    return 0;
  uint32_t types_end = at + (uint32_t)header;
  while (next < types_end) {
    next = varint(page, next, types_end, &type);
    if (!next)
      return 0;
  }
  int length = integer_length(type);
  if (length < 0 || (uint32_t)length > end - types_end)
    return 0;
  uint64_t value = type == 9;
  for (uint32_t i = end - (uint32_t)length; i < end; i++) {
    if (i == end - (uint32_t)length && (page[i] & 0x80))
      value = UINT64_MAX;
    value = value << 8 | page[i];
  }
  *out = as_signed(value);
  return 1;
}

/* More of a record is on overflow pages. */
static uint64_t local_max(uint32_t size) { return (uint64_t)(size - 12) * 64 / 255 - 23; }

int ls__btree_divider(const uint8_t *page, uint32_t size, uint32_t index, int64_t *out) {
  uint32_t n = page[0] == LS_INDEX_INNER ? cells(page, size, INNER_HEADER) : 0;
  uint32_t at = index < n ? cell(page, size, INNER_HEADER, index, 5) : 0;
  uint64_t length;
  uint32_t begin = at ? varint(page, at + 4, size, &length) : 0;
  return begin && length <= local_max(size) && length <= size - begin &&
         last_integer(page, begin, begin + (uint32_t)length, out);
}

uint32_t ls__btree_rowids(const uint8_t *page, uint32_t size, int64_t *out) {
  uint32_t n = page[0] == LS_INDEX_LEAF ? cells(page, size, LEAF_HEADER) : 0, count = 0;
  uint64_t most = local_max(size);
  if (n >= LS_ENTRIES_MAX(size))
    return 0;
  for (uint32_t i = 0; i < n; i++) {
    uint64_t length;
    uint32_t at = cell(page, size, LEAF_HEADER, i, 1), begin = at ? varint(page, at, size, &length) : 0;
    if (!begin)
      return 0;
    if (length > most)
      continue;
    if (length > size - begin || !last_integer(page, begin, begin + (uint32_t)length, &out[count]))
      return 0;
    count++;
  }
  return count;
}

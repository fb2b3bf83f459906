/*
** parts.c - see parts.h.
*/
#include "parts.h"

#include <string.h>

#include "entries.h"
#include "ltx.h"

/* Two random entries fit to each other by an accident of about one in 2^40, as offset and page number must both. */
#define CHAIN 6u

/* No frame is shorter: its header and one byte. */
#define FRAME_MIN 7u

static uint64_t frames_end(const ls_parts *parts) { return parts->begin - LS_ZERO_SIZE; }

/* -------------------------------------------------------------------------------------------------------------- memory */

ls_parts *ls__parts_new(ls_pgno commit, uint32_t page_size, uint64_t begin, uint64_t end) {
  uint32_t count = ls__full_count(commit, page_size);
  uint32_t size = (uint32_t)(((uint64_t)count + LS_PART - 1) / LS_PART);
  ls_parts *parts = sqlite3_malloc64(sizeof *parts + (uint64_t)size * sizeof parts->table[0]);
  if (parts == NULL)
    return NULL;
  parts->count = count;
  parts->size = size;
  parts->commit = commit;
  parts->lock = ls__lock_page(page_size);
  parts->length_max = ls__frame_max(page_size);
  parts->begin = begin;
  parts->end = end;
  for (uint32_t i = 0; i < size; i++)
    atomic_init(&parts->table[i], NULL);
  return parts;
}

void ls__parts_free(ls_parts *parts) {
  for (uint32_t i = 0; i < parts->size; i++)
    sqlite3_free(ls__parts_at(parts, i));
  sqlite3_free(parts);
}

uint64_t ls__parts_bytes(const ls_parts *parts) {
  uint64_t bytes = sizeof *parts + (uint64_t)parts->size * sizeof parts->table[0];
  for (uint32_t i = 0; i < parts->size; i++)
    bytes += ls__parts_at(parts, i) != NULL ? sizeof(ls_part) : 0;
  return bytes;
}

/* ------------------------------------------------------------------------------------------------------- what is known */

uint32_t ls__parts_length(const ls_parts *parts, uint32_t ordinal) {
  return ls__parts_at(parts, ordinal / LS_PART)->lengths[ordinal % LS_PART];
}

static uint64_t offset_in(const ls_part *part, uint32_t at) {
  uint64_t offset = part->anchors[at / LS_PART_GROUP];
  for (uint32_t i = at - at % LS_PART_GROUP; i < at; i++)
    offset += part->lengths[i];
  return offset;
}

uint64_t ls__parts_offset(const ls_parts *parts, uint32_t ordinal) {
  return offset_in(ls__parts_at(parts, ordinal / LS_PART), ordinal % LS_PART);
}

static uint32_t varint_size(uint64_t value) {
  uint32_t size = 1;
  while ((value >>= 7) != 0)
    size++;
  return size;
}

/* The place after the last entry of a part that is known and is not the last one. */
static ls_place end_of(const ls_parts *parts, uint32_t number) {
  const ls_part *part = ls__parts_at(parts, number);
  ls_place at = {number * LS_PART, part->position, part->anchors[0]};
  for (uint32_t i = 0; i < LS_PART; i++) {
    uint32_t length = part->lengths[i];
    at.position +=
        varint_size(ls__full_pgno(parts->lock, at.ordinal)) + varint_size(at.offset) + varint_size(length);
    at.offset += length;
    at.ordinal++;
  }
  return at;
}

void ls__parts_around(const ls_parts *parts, uint32_t ordinal, ls_place *below, ls_place *above) {
  uint32_t low = ordinal / LS_PART, high = low + 1;
  while (low > 0 && ls__parts_at(parts, low - 1) == NULL)
    low--;
  while (high < parts->size && ls__parts_at(parts, high) == NULL)
    high++;
  *below = low > 0 ? end_of(parts, low - 1) : (ls_place){0, parts->begin, LS_HEADER_SIZE};
  if (high < parts->size) {
    const ls_part *part = ls__parts_at(parts, high);
    *above = (ls_place){high * LS_PART, part->position, part->anchors[0]};
  } else {
    *above = (ls_place){parts->count, parts->end - 1, frames_end(parts)};
  }
}

/* -------------------------------------------------------------------------------------------------------------- guessing */

/* Between two places, frames are taken as equally long. */
typedef struct line {
  const ls_parts *parts;
  ls_place from;
  double length; /* of a frame */
} line;

/* How many of the frames [from, to) need another byte for a number that has reached a limit at ordinal `since`. */
static double beyond(const line *l, double since, uint32_t to) {
  double from = l->from.ordinal;
  return since >= to ? 0 : to - (since > from ? since : from);
}

/* Bytes of the entries from the line's begin up to a frame. */
static double entry_bytes(const line *l, uint32_t to) {
  double bytes = (to - l->from.ordinal) * (2.0 + varint_size((uint64_t)l->length));
  for (uint32_t bits = 7; bits < 63; bits += 7) {
    double limit = (double)(UINT64_C(1) << bits);
    bytes += beyond(l, limit < l->parts->lock ? limit - 1 : limit - 2, to);
    if (l->length > 0)
      bytes += beyond(l, l->from.ordinal + (limit - (double)l->from.offset) / l->length, to);
  }
  return bytes;
}

void ls__parts_guess(const ls_parts *parts, uint32_t ordinal, ls_place *out) {
  ls_place below, above;
  if (ordinal >= parts->count) {
    *out = (ls_place){parts->count, parts->end - 1, frames_end(parts)};
    return;
  }
  ls__parts_around(parts, ordinal, &below, &above);
  *out = (ls_place){ordinal, below.position, below.offset};
  if (above.offset < below.offset || above.position < below.position)
    return; /* what is known makes no sense: the walk from below will tell */
  line l = {parts, below, (double)(above.offset - below.offset) / (above.ordinal - below.ordinal)};
  double all = entry_bytes(&l, above.ordinal), part = entry_bytes(&l, ordinal);
  double real = (double)(above.position - below.position);
  out->position += (uint64_t)(part / all * real);
  out->offset += (uint64_t)((ordinal - below.ordinal) * l.length);
}

/* -------------------------------------------------------------------------------------------------------------- learning */

static ls_entries walk_from(const ls_parts *parts, const ls_place *first, const uint8_t *bytes, uint64_t n,
                            const ls_report *to) {
  return (ls_entries){.begin = bytes,
                      .p = bytes,
                      .end = bytes + n,
                      .start = first->position,
                      .index = parts->begin,
                      .commit = parts->commit,
                      .lock = parts->lock,
                      .last = first->ordinal > 0 ? ls__full_pgno(parts->lock, first->ordinal - 1) : 0,
                      .length_max = parts->length_max,
                      .offset = first->offset,
                      .to = to};
}

/* What stands at the begin of the bytes, if it can be an entry. */
static int first_entry(const ls_parts *parts, const uint8_t *bytes, const uint8_t *end, ls_place *out) {
  uint64_t pgno, offset;
  if (!ls__varint(&bytes, end, &pgno) || !ls__varint(&bytes, end, &offset) || pgno == 0 ||
      pgno > parts->commit || pgno == parts->lock)
    return 0;
  uint32_t ordinal = ls__full_ordinal(parts->lock, (ls_pgno)pgno);
  if (offset < LS_HEADER_SIZE + (uint64_t)ordinal * FRAME_MIN || offset > frames_end(parts))
    return 0;
  out->ordinal = ordinal;
  out->offset = offset;
  return 1;
}

/* Whether the entries follow each other: CHAIN of them, or to the end of the index. */
static int chained(const ls_parts *parts, const ls_place *first, const uint8_t *bytes, uint64_t n) {
  ls_entries walk = walk_from(parts, first, bytes, n, NULL);
  ls_entry e;
  for (uint32_t i = 0; i < CHAIN; i++) {
    int rc = ls__entries_next(&walk, &e);
    if (rc == SQLITE_DONE)
      return i > 0 && first->position + n == parts->end;
    if (rc != SQLITE_ROW || e.pgno != ls__full_pgno(parts->lock, first->ordinal + i))
      return 0;
  }
  return 1;
}

int ls__parts_sync(const ls_parts *parts, uint64_t offset, const uint8_t *bytes, uint64_t n,
                   ls_place *first) {
  if (offset == parts->begin) {
    *first = (ls_place){0, offset, LS_HEADER_SIZE};
    return 1;
  }
  for (uint64_t skip = 0; skip < LS_ENTRY_MAX && skip < n; skip++) {
    ls_place at = {.position = offset + skip};
    if (first_entry(parts, bytes + skip, bytes + n, &at) && chained(parts, &at, bytes + skip, n - skip)) {
      *first = at;
      return 1;
    }
  }
  return 0;
}

/* What an entry says against a part that is known. */
static int agrees(const ls_parts *parts, uint32_t ordinal, uint64_t position, uint64_t offset) {
  const ls_part *part = ordinal % LS_PART == 0 ? ls__parts_at(parts, ordinal / LS_PART) : NULL;
  return part == NULL || (part->position == position && part->anchors[0] == offset);
}

/* Goes over all entries. *upto: the ordinal after the last one. */
static int survey(const ls_parts *parts, ls_entries walk, uint32_t ordinal, uint32_t *upto) {
  for (;; ordinal++) {
    const uint8_t *at = walk.p;
    uint64_t position = walk.start + (uint64_t)(at - walk.begin), offset = walk.offset;
    int cut = (uint64_t)(walk.end - at) < LS_ENTRY_MAX &&
              walk.start + (uint64_t)(walk.end - walk.begin) < parts->end;
    ls_entry e;
    *upto = ordinal;
    if (cut) /* an entry may end after the piece does */
      return SQLITE_OK;
    int rc = ls__entries_next(&walk, &e);
    if (rc == SQLITE_DONE && ordinal == parts->count)
      return SQLITE_OK;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
      return rc;
    if (rc == SQLITE_DONE || e.pgno != ls__full_pgno(parts->lock, ordinal))
      return ls__report(
          walk.to, SQLITE_CORRUPT,
          "page index at offset %llu: a snapshot of %u pages must hold all of them, but page %u "
          "is left out",
          ls__llu(position), parts->commit, ls__full_pgno(parts->lock, ordinal));
    if (!agrees(parts, ordinal, position, offset))
      return ls__report(
          walk.to, SQLITE_CORRUPT,
          "page index at offset %llu: the frame of page %u at %llu is not where other entries say",
          ls__llu(position), e.pgno, ls__llu(offset));
  }
}

static int publish(ls_parts *parts, uint32_t number, const ls_part *filled, uint64_t *added) {
  ls_part *none = NULL, *part = sqlite3_malloc64(sizeof *part);
  if (part == NULL)
    return SQLITE_NOMEM;
  *part = *filled;
  if (atomic_compare_exchange_strong_explicit(&parts->table[number], &none, part, memory_order_release,
                                              memory_order_relaxed))
    *added += sizeof *part;
  else
    sqlite3_free(part); /* another thread was first */
  return SQLITE_OK;
}

/* Only for entries up to `upto` that survey() has accepted. */
static int fill(ls_parts *parts, ls_entries walk, uint32_t ordinal, uint32_t upto, uint64_t *added) {
  ls_part part;
  ls_entry e;
  int whole = 0, rc = SQLITE_OK;
  for (; ordinal < upto && rc == SQLITE_OK; ordinal++) {
    uint32_t at = ordinal % LS_PART;
    uint64_t position = walk.start + (uint64_t)(walk.p - walk.begin), offset = walk.offset;
    ls__entries_next(&walk, &e);
    if (at == 0) {
      whole = 1;
      memset(&part, 0, sizeof part);
      part.position = position;
    }
    if (!whole)
      continue;
    if (at % LS_PART_GROUP == 0)
      part.anchors[at / LS_PART_GROUP] = offset;
    part.lengths[at] = (uint16_t)e.length;
    if ((at == LS_PART - 1 || ordinal == parts->count - 1) && !ls__parts_known(parts, ordinal))
      rc = publish(parts, ordinal / LS_PART, &part, added);
  }
  return rc;
}

int ls__parts_learn(ls_parts *parts, const ls_place *first, const uint8_t *bytes, uint64_t n, uint64_t *added,
                    const ls_report *to) {
  ls_entries walk = walk_from(parts, first, bytes, n, to);
  uint32_t upto;
  *added = 0;
  int rc = survey(parts, walk, first->ordinal, &upto);
  if (rc == SQLITE_OK) {
    walk.to = NULL;
    rc = fill(parts, walk, first->ordinal, upto, added);
  }
  return rc == SQLITE_NOMEM ? ls__report(to, rc, "no memory for a part of the page index") : rc;
}
